import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mappingPages } from '../../.ci/mapping/page.ts';
import { parts } from '../../src/parts.ts';

test('the mapping pages are what the code does, and leave no field unexplained; else: run npm run docs', () => {
  const { pages, unexplained } = mappingPages(parts.formats);
  expect(unexplained).toEqual([]);
  for (const [path, text] of pages) {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), path).toBe(text);
  }
}, 60_000);
