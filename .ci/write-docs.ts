import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../src/config/json-schema.ts';
import { markdownReference } from '../src/config/reference.ts';
import { parts } from '../src/parts.ts';

/** Returns the documents that are written from the code: each path, from the repository's root, with its text. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ['deploy/config.schema.json', `${JSON.stringify(jsonSchema(parts), null, 2)}\n`],
    ['deploy/configuration.md', markdownReference(parts)],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of generatedDocuments()) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
    process.stdout.write(`${path}\n`);
  }
}
