import { z } from 'zod';

const unitBytes = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
} as const;
const pattern = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|KiB|MiB|GiB)?$/;

/** Returns the bytes of a text such as `8192`, `512KiB`, `1MiB`, `10GiB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * unitBytes[(match[2] ?? '') as keyof typeof unitBytes]);
}

/** A number of bytes in the configuration: written `8192` or `1MiB`, bytes in the program. */
export const size = z
  .union([z.number().int().nonnegative(), z.string()])
  .meta({ id: 'size', description: 'Bytes: a number, or a number and KiB, MiB, GiB, KB, MB or GB.' })
  .transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseSize(value);
    if (bytes === undefined) {
      context.addIssue({
        code: 'custom',
        message: `'${value}' is not a size: write bytes, or a number and KiB, MiB or GiB, such as 1MiB`,
      });
      return z.NEVER;
    }
    return bytes;
  });
