import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCef } from '../support/cef-parser.ts';
import { runCli } from '../support/cli.ts';

const file = fileURLToPath(new URL('../fixtures/mde-alerts/alerts.msdocs.ndjson', import.meta.url));

test('the program formats the records of a file, and the same on its standard input', async () => {
  const [byFile, byInput] = await Promise.all([
    runCli(['format', '--as', 'cef', file]),
    runCli(['format', '--as', 'cef'], { input: readFileSync(file, 'utf8') }),
  ]);
  expect(byFile).toMatchObject({ code: 0, stderr: '' });
  expect(byInput).toEqual(byFile);
  const lines = byFile.stdout.trimEnd().split('\n');
  expect(lines.map((line) => parseCef(line).header.vendor)).toEqual(['Microsoft', 'Microsoft']);
});
