const integer = /^-?(?:0|[1-9]\d{0,18})$/;

/** Returns the number when it is an integer in `[least, most]` written without sign tricks or leading zeros. */
export function integerBetween(least: bigint, most: bigint): (text: string) => string | undefined {
  return (text) => {
    if (text === '-0' || !integer.test(text)) return undefined;
    const value = BigInt(text);
    return value >= least && value <= most ? text : undefined;
  };
}

/** A 32-bit signed integer (CEF `integer`, formats reference §2.5). */
export const integer32 = integerBetween(-(2n ** 31n), 2n ** 31n - 1n);

/** A 64-bit signed integer (CEF `long`). */
export const integer64 = integerBetween(-(2n ** 63n), 2n ** 63n - 1n);

/** A process id, or another number that is never negative, within 32 bits. */
export const count32 = integerBetween(0n, 2n ** 31n - 1n);

/** A port, 0–65535. */
export const port = integerBetween(0n, 65_535n);
