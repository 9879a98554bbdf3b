import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMs,
  earlier,
  epochMs,
  type Instant,
  instantOf,
  later,
  nextTick,
  parseInstant,
} from '../../src/fields/instant.ts';

/** 100-ns ticks since 1970: what the text must agree with. */
function ticksOf(instant: Instant): bigint {
  return BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 10_000n + BigInt(instant.slice(20, 27));
}

function instantOfTicks(ticks: bigint): Instant {
  const second = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const whole = new Date(Number((ticks - second) / 10_000n)).toISOString().slice(0, 19);
  return parsed(`${whole}.${String(second).padStart(7, '0')}Z`);
}

function parsed(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`no instant: ${text}`);
  return instant;
}

const firstMs = Date.parse('0001-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');
const ticks = fc.bigInt({ min: BigInt(firstMs) * 10_000n, max: BigInt(lastMs) * 10_000n });

describe('reading', () => {
  test.each([
    ['2026-11-03T08:26:10Z', '2026-11-03T08:26:10.0000000Z'],
    ['2026-12-31T24:00:00Z', '2027-01-01T00:00:00.0000000Z'],
    ['2026-11-03t08:26:10.1z', '2026-11-03T08:26:10.1000000Z'],
    ['2026-11-03T08:26:10.1Z', '2026-11-03T08:26:10.1000000Z'],
    ['2026-11-03T08:26:10.1234567Z', '2026-11-03T08:26:10.1234567Z'],
    ['2026-11-03T08:26:10.123456789Z', '2026-11-03T08:26:10.1234567Z'],
    ['2026-11-03T08:26:10.99999999Z', '2026-11-03T08:26:10.9999999Z'],
    ['2026-11-03T08:26:10', '2026-11-03T08:26:10.0000000Z'],
    ['2026-11-03 08:26:10z', '2026-11-03T08:26:10.0000000Z'],
    ['2026-11-03T08:26Z', '2026-11-03T08:26:00.0000000Z'],
    ['2026-11-03', '2026-11-03T00:00:00.0000000Z'],
    ['2026-11-03T08:26:10.5+02:00', '2026-11-03T06:26:10.5000000Z'],
    ['2026-11-03T08:26:10-0330', '2026-11-03T11:56:10.0000000Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.0000000Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.0000000Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.0000000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.0000000Z'],
    ['2024-03-01T00:30:00+01:00', '2024-02-29T23:30:00.0000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.0000000Z'],
    [' 2026-11-03T08:26:10Z ', '2026-11-03T08:26:10.0000000Z'],
  ])('%s is %s', (text, instant) => expect(parseInstant(text)).toBe(instant));

  test.each([
    ['nothing', ''],
    ['a word', 'yesterday'],
    ['a day that February lacks', '2026-02-29T00:00:00Z'],
    ['a leap day in a century without', '1900-02-29'],
    ['a thirteenth month', '2026-13-01'],
    ['a thirty-first of April', '2026-04-31T00:00:00Z'],
    ['a 25th hour', '2026-11-03T25:00:00Z'],
    ['a time after the end of its day', '2026-11-03T24:00:01Z'],
    ['a tick after the end of its day', '2026-11-03T24:00:00.0000001Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['two digits of a year', '26-11-03'],
    ['a point without digits', '2026-11-03T08:26:10.Z'],
    ['something after it', '2026-11-03T08:26:10Z; drop'],
    ['a line break within', '2026-11-03T08:26:10Z\nx'],
    ['seconds since 1970', '1762158370'],
    ['an offset of letters', '2026-11-03T08:26:10 CET'],
    ['an offset of more than a day', '2026-11-03T08:26:10+99:00'],
    ['an offset that leaves the four-digit years', '0000-01-01T00:00:00+01:00'],
    ['an offset that leaves them at the end', '9999-12-31T23:30:00-01:00'],
  ])('%s is none', (_name, text) => expect(parseInstant(text)).toBeUndefined());

  test('an instant reads as itself', () => {
    fc.assert(
      fc.property(ticks, (at) => {
        expect(parseInstant(instantOfTicks(at))).toBe(instantOfTicks(at));
      }),
    );
  });

  test('an offset is taken off, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: firstMs + 86_400_000, max: lastMs - 86_400_000 }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (ms, minutes) => {
          const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 23);
          const size = Math.abs(minutes);
          const two = (value: number) => String(value).padStart(2, '0');
          const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
          expect(parseInstant(`${local}${zone}`)).toBe(instantOf(ms));
        },
      ),
    );
  });

  test('no text makes it throw, and what it gives is always 28 characters', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([undefined, 28]).toContain(parseInstant(text)?.length);
      }),
    );
    const digits = fc.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect([undefined, 28]).toContain(parseInstant(text)?.length);
      }),
    );
  });
});

describe('order', () => {
  test('as text is the order as ticks', () => {
    fc.assert(
      fc.property(ticks, ticks, (a, b) => {
        expect(instantOfTicks(a) < instantOfTicks(b)).toBe(a < b);
      }),
    );
  });

  test('tells apart what lies within one millisecond', () => {
    fc.assert(
      fc.property(ticks, fc.bigInt({ min: 1n, max: 9_999n }), (at, gap) => {
        fc.pre(at + gap <= BigInt(lastMs) * 10_000n);
        expect(instantOfTicks(at) < instantOfTicks(at + gap)).toBe(true);
      }),
    );
  });

  test('later and earlier pick by it', () => {
    const [a, b] = [parsed('2026-01-01T00:00:00.0000001Z'), parsed('2026-01-01T00:00:00.0000002Z')];
    expect([later(a, b), later(b, a), earlier(a, b), earlier(b, a)]).toEqual([b, b, a, a]);
  });
});

describe('milliseconds', () => {
  test('there and back give the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: firstMs, max: lastMs }), (ms) => {
        expect(epochMs(instantOf(ms))).toBe(ms);
      }),
    );
  });

  test('beyond the four-digit years stay within them, so that text goes on sorting as time', () => {
    expect(instantOf(-1e14).slice(0, 19)).toBe('0000-01-01T00:00:00');
    expect(instantOf(1e15).slice(0, 19)).toBe('9999-12-31T23:59:59');
  });

  test('are cut down, never rounded, before 1970 too', () => {
    expect(epochMs(parsed('2026-01-01T00:00:00.9999999Z'))).toBe(Date.parse('2026-01-01T00:00:00.999Z'));
    expect(epochMs(parsed('1969-12-31T23:59:59.9999999Z'))).toBe(-1);
    expect(instantOf(-1)).toBe('1969-12-31T23:59:59.9990000Z');
    expect(instantOf(1.9)).toBe('1970-01-01T00:00:00.0010000Z');
  });

  test('added move the ticks by 10 000 each and keep the rest', () => {
    const inner = fc.bigInt({
      min: BigInt(firstMs) * 10_000n + 10n ** 16n,
      max: BigInt(lastMs) * 10_000n - 10n ** 16n,
    });
    fc.assert(
      fc.property(inner, fc.integer({ min: -(10 ** 11), max: 10 ** 11 }), (at, ms) => {
        expect(ticksOf(addMs(instantOfTicks(at), ms))).toBe(at + BigInt(ms) * 10_000n);
      }),
    );
  });
});

describe('the next tick', () => {
  test('is 100 ns later', () => {
    fc.assert(
      fc.property(ticks, (at) => {
        fc.pre(at < BigInt(lastMs) * 10_000n);
        expect(ticksOf(nextTick(instantOfTicks(at)))).toBe(at + 1n);
      }),
    );
  });

  test.each([
    ['2024-02-28T23:59:59.9999999Z', '2024-02-29T00:00:00.0000000Z'],
    ['2026-12-31T23:59:59.9999999Z', '2027-01-01T00:00:00.0000000Z'],
    ['2026-01-01T00:00:00.0000009Z', '2026-01-01T00:00:00.0000010Z'],
  ])('of %s is %s', (at, next) => expect(nextTick(parsed(at))).toBe(next));
});

describe('the usual shape, read by a shorter way', () => {
  const part = (most: number, width: number) =>
    fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(width, '0'));
  const times = fc
    .tuple(
      part(9999, 4),
      part(13, 2),
      part(32, 2),
      part(25, 2),
      part(61, 2),
      part(61, 2),
      part(10_000_000, 8),
    )
    .chain(([year, month, day, hour, minute, second, digits]) =>
      fc
        .constantFrom('', ...[1, 2, 3, 4, 5, 6, 7].map((count) => `.${digits.slice(0, count)}`))
        .map((fraction) => `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`),
    );
  const damaged = fc
    .tuple(times, fc.nat(28), fc.constantFrom('', '0', '9', ':', '-', '.', 'T', 'Z', '/', 'é', '٣'))
    .map(([time, at, other]) => time.slice(0, at) + other + time.slice(at + 1));

  test('gives what the longer way gives', () => {
    fc.assert(
      fc.property(fc.oneof(times, damaged), (text) => {
        // White space before it sends a text the longer way.
        const instant = parseInstant(` ${text}`);
        expect(parseInstant(text)).toBe(instant);
        if (instant !== undefined) expect(epochMs(instant)).toBe(Date.parse(`${instant.slice(0, 23)}Z`));
      }),
      { numRuns: 2000 },
    );
  });

  test('tells ms as a Date does', () => {
    const ms = fc.oneof(
      fc.integer({ min: -62_167_219_200_000, max: lastMs - 90_001_000 }),
      fc.double({ min: 0, max: 1e13 }),
    );
    fc.assert(
      fc.property(ms, fc.nat(90_000_000), (first, ahead) => {
        for (const one of [first, first + ahead]) {
          expect(instantOf(one)).toBe(`${new Date(Math.floor(one)).toISOString().slice(0, 23)}0000Z`);
        }
      }),
    );
  });
});
