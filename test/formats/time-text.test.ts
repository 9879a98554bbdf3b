import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochMs, parseInstant } from '../../src/fields/instant.ts';
import { epochMsText, isoText } from '../../src/formats/time-text.ts';

test.each([
  ['2026-11-03T08:26:10.1234567Z', '1793694370123'],
  ['2026-11-03T08:26:10.1239999Z', '1793694370123'],
  ['2026-11-03T08:26:10Z', '1793694370000'],
  ['2026-11-03T08:26:10', '1793694370000'],
  ['2026-11-03T08:26:10.5', '1793694370500'],
  ['2026-11-03T08:26:10.123456789Z', '1793694370123'],
  ['2026-11-03T09:26:10+01:00', '1793694370000'],
  ['2024-02-29T00:00:00Z', '1709164800000'],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-04-31T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-11-03T24:00:00Z', '1793750400000'],
  ['2026-11-03T24:00:01Z', undefined],
  ['2026-11-03T08:26:60Z', undefined],
  ['2026-11-03T08:26:10.Z', undefined],
  ['0001-01-01T00:00:00Z', undefined],
  ['1999-12-31T23:59:59Z', undefined],
  ['2300-01-01T00:00:00Z', undefined],
  ['soon', undefined],
  ['', undefined],
])('%j is %j', (text, ms) => expect(epochMsText(text)).toBe(ms));

const twoDigits = fc.integer({ min: 0, max: 65 }).map((number) => String(number).padStart(2, '0'));

test('agrees with the thorough reader on everything that looks like a time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1960, max: 2300 }),
      fc.array(twoDigits, { minLength: 5, maxLength: 5 }),
      fc.constantFrom('', '.1', '.123', '.9999999', '.12345678', '.', '.1a'),
      fc.constantFrom('Z', '', '+02:00', 'z', 'ZZ', ' '),
      (year, [month, day, hour, minute, second], fraction, zone) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`;
        const instant = parseInstant(text);
        const iso = isoText(text);
        expect(iso === undefined ? undefined : parseInstant(iso)).toBe(instant);
        if (iso !== undefined) expect(iso).toMatch(/^[\d-]{10}T[\d:]{8}(\.\d{1,7})?Z$/);
        const ms = instant === undefined ? Number.NaN : epochMs(instant);
        expect(epochMsText(text)).toBe(String(ms).length === 13 && ms > 0 ? String(ms) : undefined);
      },
    ),
    { numRuns: 5000 },
  );
});
