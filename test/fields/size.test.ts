import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSize, size } from '../../src/fields/size.ts';

describe('a size', () => {
  test.each([
    ['8192', 8192],
    ['8192B', 8192],
    ['1KiB', 1024],
    ['1KB', 1000],
    ['1MiB', 1_048_576],
    ['1.5MiB', 1_572_864],
    ['10 GiB', 10_737_418_240],
    ['2GB', 2_000_000_000],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['', 'MiB', '1mib', '1M', '1TB', '-1', '1e6', '0x10', '1,000'])('%j is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  test('of every unit and number is that many units', () => {
    const units = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
    fc.assert(
      fc.property(
        fc.nat({ max: 100_000 }),
        fc.constantFrom(...Object.entries(units)),
        (count, [unit, bytes]) => {
          expect(parseSize(`${count}${unit}`)).toBe(count * bytes);
        },
      ),
    );
  });

  test('in the configuration is a number or text', () => {
    expect(size.parse(4096)).toBe(4096);
    expect(size.parse('4KiB')).toBe(4096);
  });

  test.each([-1, 1.5, 'big', true, null])('%j in the configuration is refused', (value) => {
    expect(size.safeParse(value).success).toBe(false);
  });
});
