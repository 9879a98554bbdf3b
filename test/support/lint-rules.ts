import { expect, test } from 'vitest';
import type { Finding, Language } from '../../src/lint/language.ts';

/** A rule: a message that breaks it alone, its mended twin, and what is found. */
export type BrokenRule = readonly [
  rule: string,
  bad: string,
  good: string,
  found: { readonly level?: Finding['level']; readonly at?: string; readonly message: RegExp },
];

/** Tests that of each rule's two messages the bad one has exactly the finding, and the mended one has none. */
export function eachRule(language: Language, rules: readonly BrokenRule[]): void {
  test.each(rules)('%s', (_rule, bad, good, { level = 'error', at, message }) => {
    expect(language.recognises(bad)).toBe(true);
    const place = at === undefined ? {} : { at };
    const rule = expect.stringMatching(/^(?:CEF|LEEF|ECS \d|index mapping|RFC \d+ §|NDJSON)/);
    expect(language.lint(bad)).toEqual([
      expect.objectContaining({ level, ...place, message: expect.stringMatching(message), rule }),
    ]);
    expect(language.lint(good)).toEqual([]);
  });
}
