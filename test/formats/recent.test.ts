import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText } from '../../src/formats/clean.ts';
import { Distinct } from '../../src/formats/distinct.ts';
import { quoted } from '../../src/formats/json-string.ts';
import { oneLine } from '../../src/formats/json-text.ts';
import { recently } from '../../src/formats/recent.ts';
import { anyText } from '../support/any-text.ts';

const texts = fc.array(fc.oneof(anyText, fc.constantFrom('', 'a', 'ab', 'ba', 'x'.repeat(600))), {
  maxLength: 30,
});

test('what is kept is what would be found, however few places there are', () => {
  const few = recently((text) => `<${text}>`, 4);
  fc.assert(
    fc.property(texts, (asked) => {
      for (const text of [...asked, ...asked.toReversed()]) expect(few(text)).toBe(`<${text}>`);
    }),
  );
});

test('a text that was asked for lately is not looked at again', () => {
  let looks = 0;
  const find = recently((text) => {
    looks++;
    return text.length > 1 ? text : undefined;
  });
  expect([find('ab'), find('ab'), find(''), find(''), find('a'), find('a')]).toEqual([
    ...['ab', 'ab'],
    ...Array<undefined>(4).fill(undefined),
  ]);
  expect(looks).toBe(3);
});

test('text as a JSON string is cleaned, and escaped as one that is never looked at for being plain', () => {
  fc.assert(
    fc.property(texts, (asked) => {
      for (const text of asked) {
        const cleaned = cleanText(text);
        expect(quoted(text)).toBe(cleaned === '' ? '' : oneLine(JSON.stringify(cleaned)));
      }
    }),
  );
});

test('distinct texts are those of a set, in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 60 }), (told) => {
      const distinct = new Distinct();
      const isNew = told.map((text) => distinct.add(text));
      expect(distinct.values).toEqual([...new Set(told)]);
      expect(isNew).toEqual(told.map((text, at) => told.indexOf(text) === at));
      expect(distinct.add(undefined)).toBe(false);
    }),
  );
});
