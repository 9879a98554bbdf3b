import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { parseExactly } from '../../src/normalise/parse-record.ts';
import type { RecordKind } from '../../src/record.ts';

const digits = (most: number) =>
  fc.stringMatching(new RegExp(`^(0|[1-9][0-9]{0,${most}})$`)).filter((text) => text !== '');
const numbers = fc.oneof(
  fc.constantFrom('0', '-0', '0.5', '1.50', '1e21', '1E-7', '1e999', '9007199254740991', '9007199254740993'),
  fc.constantFrom('-9007199254740993', '18446744073709551615', '100.0', '1e3', '0.12345678901234567890'),
  digits(24),
  fc.tuple(digits(20), digits(20)).map(([whole, part]) => `${whole}.${part}`),
);

/** What is read of a number: the digits of an integer that a double holds, else the text as sent. */
function readAs(text: string): string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? String(value) : text;
}

const process = '#microsoft.graph.security.processEvidence';
const shapes: readonly (readonly [RecordKind, (number: string) => string])[] = [
  [
    'graph-alert',
    (n) => `{"id":"a","evidence":[{"@odata.type":"${process}","processId":${n},"tags":[0.5]}]}`,
  ],
  ['alert', (n) => `{"id":"a","evidence":[{"entityType":"Process","processId":${n},"parentProcessId":7}]}`],
  ['hunting-event', (n) => `{"TableName":"CloudProcessEvents","ReportId":3,"ProcessId":${n},"Other":[{}]}`],
];

test('a number is told in the digits that were sent, whoever parsed the record, and identities differ with it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...shapes), numbers, numbers, ([kind, jsonOf], number, other) => {
      const json = jsonOf(number);
      const record = recordOf(kind, json);
      const told = normalise(record, {});
      expect(told.process?.pid).toBe(readAs(number));

      const { parsed: _, ...unparsed } = record;
      expect(normalise(unparsed, {})).toEqual(told);
      expect(normalise({ ...record, parsed: JSON.parse(json) }, {})).toEqual(told);
      const handed = recordOf(kind, json, JSON.parse(json));
      const exact = recordOf(kind, json, parseExactly(json));
      expect([handed.id, handed.tracked]).toEqual([record.id, record.tracked]);
      expect([exact.id, exact.tracked]).toEqual([record.id, record.tracked]);

      if (readAs(number) === readAs(other)) return;
      const another = recordOf(kind, jsonOf(other));
      expect([another.id, another.tracked]).not.toEqual([record.id, record.tracked]);
    }),
    { numRuns: 150 },
  );
});

test('a number that nobody reads costs no second look at the record', () => {
  const json = '{"id":"a","title":"x","unread":9007199254740993}';
  const parsed = JSON.parse(json);
  expect(recordOf('graph-alert', json, parsed).parsed).toBe(parsed);
  const read = '{"id":9007199254740993,"title":"x"}';
  expect(recordOf('graph-alert', read, JSON.parse(read)).parsed?.id).toBe('9007199254740993');
});
