import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedBytes, Utf8Writer } from '../../src/sinks/utf8-writer.ts';
import { anyText } from '../support/any-text.ts';

test('texts stand one behind the other in UTF-8, however little room was expected, in fresh or used memory', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 12 }), fc.nat(40), fc.boolean(), (texts, expected, least) => {
      const writer = new Utf8Writer(
        least
          ? expectedBytes(
              texts.map((text) => ({ text })),
              0,
            )
          : expected,
      );
      for (const text of texts) writer.add(text);
      expect(writer.bytes.equals(Buffer.from(texts.map((text) => text.toWellFormed()).join('')))).toBe(true);
      writer.release();
      expect(writer.bytes.length).toBe(0);
    }),
  );
});

test('memory that was given back is nobody else’s until then', () => {
  const first = new Utf8Writer(64);
  first.add('first');
  const second = new Utf8Writer(64);
  second.add('other');
  expect(first.bytes.toString()).toBe('first');
  first.release();
  const third = new Utf8Writer(64);
  third.add('third');
  expect([second.bytes.toString(), third.bytes.toString()]).toEqual(['other', 'third']);
});
