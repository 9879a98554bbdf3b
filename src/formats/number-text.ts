const integer = /^-?(?:0|[1-9]\d{0,18})$/;
/** Up to so many characters, a number is read exactly without a BigInt. */
const exactLength = 15;

/** Returns a reader of integers in `[least, most]`, written without a plus, leading zeros or `-0`; undefined for others. */
export function integerBetween(least: bigint, most: bigint): (text: string) => string | undefined {
  // Within so many digits the rounded limits compare as the exact ones do, and a BigInt is compared ten times as slowly.
  const leastNumber = Number(least);
  const mostNumber = Number(most);
  return (text) => {
    if (text === '-0' || !integer.test(text)) return undefined;
    if (text.length <= exactLength) {
      const value = Number(text);
      return value >= leastNumber && value <= mostNumber ? text : undefined;
    }
    const value = BigInt(text);
    return value >= least && value <= most ? text : undefined;
  };
}

/** A 64-bit signed integer (CEF `long`, formats reference §2.5). */
export const integer64 = integerBetween(-(2n ** 63n), 2n ** 63n - 1n);

/** A number that is never negative, such as a process id or a size, within 32 bits signed (CEF `integer`). */
export const count32 = integerBetween(0n, 2n ** 31n - 1n);

/** A port, 0–65535. */
export const port = integerBetween(0n, 65_535n);
