import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isCurrent, unmarked } from '../../.ci/mapping/fingerprint.ts';
import { mappingPages, pagePaths } from '../../.ci/mapping/page.ts';
import { parts } from '../../src/parts.ts';

test('the mapping pages are what the code does, and leave no field unexplained; else: run npm run docs', () => {
  const written = new Map(
    pagePaths(parts.formats).map((path) => [
      path,
      readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'),
    ]),
  );
  // Made of this very code and not touched since: making them again takes seconds, and would give the same.
  if (isCurrent(written)) return;
  const { pages, unexplained } = mappingPages(parts.formats);
  expect(unexplained).toEqual([]);
  for (const [path, text] of pages) expect(unmarked(written.get(path) ?? ''), path).toBe(text);
}, 60_000);
