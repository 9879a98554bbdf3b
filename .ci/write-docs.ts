import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mappingsTemplate, storedFields } from '../connectors/elastic/mappings.ts';
import { jsonSchema } from '../src/config/json-schema.ts';
import { markdownReference } from '../src/config/reference.ts';
import { parts } from '../src/parts.ts';
import { marked } from './mapping/fingerprint.ts';
import { mappingPages } from './mapping/page.ts';

/** Returns the documents that are written from the code: each path, from the repository's root, with its text. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ['deploy/config.schema.json', `${JSON.stringify(jsonSchema(parts), null, 2)}\n`],
    ['deploy/configuration.md', markdownReference(parts)],
    [
      'connectors/elastic/assets/component-template-mappings.json',
      `${JSON.stringify(mappingsTemplate(storedFields), null, 2)}\n`,
    ],
  ]);
}

if (import.meta.main) {
  const mapping = mappingPages(parts.formats);
  const pages = mapping.unexplained.length === 0 ? marked(mapping.pages) : mapping.pages;
  for (const [path, text] of [...generatedDocuments(), ...pages]) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
    process.stdout.write(`${path}\n`);
  }
  // A field that no source fills needs words in .ci/mapping/explanations.ts, or should not be listed.
  for (const field of mapping.unexplained) process.stderr.write(`unexplained: ${field}\n`);
  if (mapping.unexplained.length > 0) process.exitCode = 1;
}
