import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanLines, plainTest } from '../../src/formats/clean.ts';
import { encodeFields, joinFields, prefixes } from '../../src/formats/key-value.ts';
import { type QuickEncoding, quickWriter } from '../../src/formats/key-value-writer.ts';
import { row, rowsOf, text } from '../../src/formats/mapping.ts';
import { codesOf, holdsOneOf } from '../../src/formats/text-search.ts';
import { epochMsText } from '../../src/formats/time-text.ts';
import { anyText } from '../support/any-text.ts';
import { fullEvent } from '../support/events.ts';

const mapping = [
  row(31, 'time', { read: epochMsText }, 'kept', (e) => e.updated),
  row(4, 'title', text(20), 'kept', (e) => e.title),
  ...rowsOf((e) => e.device, [row(33, 'host', text(9), 'kept', (e) => e.device?.name)]),
  row(5, 'text', text(Number.POSITIVE_INFINITY), 'kept', (e) => e.description),
];

const escaped = (cleaned: string): string => cleaned.replaceAll('=', '\\=').replaceAll('\n', '\\n');
const encoding: QuickEncoding = {
  isPlain: plainTest('='),
  isClean: plainTest('', '\n\r\t'),
  clean: cleanLines,
  escape: escaped,
  isSpecial: holdsOneOf(codesOf('=^\n\r')),
  writeSpecial: escaped,
  reserved: '^',
};

const quickly = quickWriter(mapping, encoding, ' ');

test('fields are written as they are with care, or not at all', () => {
  const value = fc.option(
    fc.oneof(anyText, fc.string(), fc.constantFrom('a=b', 'a b ', 'x^y', 'line\nline')),
    {
      nil: undefined,
    },
  );
  const event = fc.record({ title: value, description: value, name: value, hasDevice: fc.boolean() });
  fc.assert(
    fc.property(event, ({ title, description, name, hasDevice }) => {
      const device = hasDevice && fullEvent.device ? { ...fullEvent.device, name } : undefined;
      const changed = { ...fullEvent, title, description, device };
      const cut: string[] = [];
      const written = quickly(changed, cut);
      if (written === undefined) return;
      const carefullyCut: string[] = [];
      const fields = encodeFields(changed, mapping, prefixes(mapping), encoding, carefullyCut);
      expect(written).toBe(joinFields(fields, ' ', ''));
      expect(cut).toEqual(carefullyCut);
      expect(written).not.toContain('^');
    }),
  );
});

test.each([
  ['nothing to clean', 'A title', true],
  ['what the format escapes', 'a=b\nc', true],
  ['outer white space', ' a ', true],
  ['more than its limit', 'a'.repeat(21), true],
  ['text of any language', 'é 日本語 😀', true],
  ['a control', 'a\u0007b', false],
  ['a separator of paragraphs', 'a\u2029b', false],
  ['half a character', 'a\ud83d', false],
  ['what is reserved', 'a^b', false],
])('a record with %s in a value: %j is written quickly: %s', (_what, title, isQuick) => {
  expect(quickly({ ...fullEvent, title }, []) !== undefined).toBe(isQuick);
});
