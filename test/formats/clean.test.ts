import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine, cleanLines, cleanText, holdsUnclean, plainTest } from '../../src/formats/clean.ts';
import { anyText } from '../support/any-text.ts';

/** Text of which much needs nothing, short and long. */
const someText = fc.oneof(
  anyText,
  fc.string({ maxLength: 10 }),
  fc.tuple(anyText, fc.integer({ min: 0, max: 90 })).map(([text, length]) => 'a'.repeat(length) + text),
  fc.tuple(anyText, fc.integer({ min: 0, max: 90 })).map(([text, length]) => `${text}${'é'.repeat(length)}`),
);

describe('a look at a value', () => {
  test.each([
    ['a header of CEF', '\\|', '', cleanLine],
    ['an extension of CEF', '\\=', '\t', cleanLines],
    ['LEEF', '^', '', (value: string) => cleanLine(value, '^')],
    ['JSON', '"\\', '', cleanText],
  ])('finds plain only what %s writes as it is', (_format, specials, controls, clean) => {
    const isPlain = plainTest(specials, controls);
    fc.assert(
      fc.property(someText, (value) => {
        if (!isPlain(value)) return;
        expect(value).not.toBe('');
        expect(clean(value)).toBe(value);
        for (const special of specials) expect(value).not.toContain(special);
      }),
    );
  });

  test.each(['a', '0', 'a b', '日本語', 'é', 'a'.repeat(100), `${'a'.repeat(100)}~`])(
    'finds %s plain',
    (value) => {
      expect(plainTest('\\|')(value)).toBe(true);
    },
  );
});

describe('a look at a message', () => {
  test('finds whatever cleaning would change in one of its values, and nothing else', () => {
    fc.assert(
      fc.property(someText, (text) => {
        const inside = `a${text.replaceAll(/[\t\n\r]/g, '')}a`;
        expect(holdsUnclean(inside)).toBe(cleanLine(inside) !== inside);
        expect(holdsUnclean(inside)).toBe(cleanLines(inside) !== inside);
      }),
    );
  });

  test('sees each of them in the midst of long text', () => {
    const asked = [
      [0, 0x200],
      [0x2000, 0x2100],
      [0xd7f0, 0x10000],
    ].flatMap(([from = 0, to = 0]) =>
      Array.from({ length: to - from }, (_, at) => String.fromCharCode(from + at)),
    );
    const wrong = asked.filter((character) => {
      const text = `${'a'.repeat(40)}${character}${'b'.repeat(40)}`;
      const changes = character === '\n' || character === '\r' || cleanLines(text) !== text;
      return holdsUnclean(text) !== changes;
    });
    expect(wrong).toEqual([]);
  });
});
