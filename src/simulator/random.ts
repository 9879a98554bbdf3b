/** A stream of chance that is the same for the same seeds, so that a simulated world can be told again. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in `share` of the calls (0 to 1). */
  chance(share: number): boolean;
  /** One of `choices`. Throws when there is none. */
  pick<T>(choices: readonly T[]): T;
  /** `length` hexadecimal digits, in lower case. */
  hex(length: number): string;
  /** A version 4 GUID, in lower case. */
  guid(): string;
}

/** Returns the stream of `seeds`; other seeds give an unrelated stream. */
export function randomOf(...seeds: readonly (number | string)[]): Random {
  const word = generator(seeds.join('\u0001'));
  const next = () => word() / 2 ** 32;
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const hex = (length: number) => {
    let digits = '';
    while (digits.length < length) digits += word().toString(16).padStart(8, '0');
    return digits.slice(0, length);
  };
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (choices) => {
      const choice = choices[between(0, choices.length - 1)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
    hex,
    guid: () => {
      const d = hex(32);
      const variant = '89ab'[between(0, 3)];
      return `${d.slice(0, 8)}-${d.slice(8, 12)}-4${d.slice(13, 16)}-${variant}${d.slice(17, 20)}-${d.slice(20)}`;
    },
  };
}

/** Small fast counting generator (SFC, 32 bits) with 128 bits of state, so that GUIDs do not collide. */
function generator(seed: string): () => number {
  let a = hash(seed, 0x811c9dc5);
  let b = hash(seed, 0x01000193);
  let c = hash(seed, 0x9e3779b9);
  let counter = 1;
  const word = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) word();
  return word;
}

/** FNV-1a over the UTF-16 units, begun at `basis`, with a final mix. */
function hash(text: string, basis: number): number {
  let state = basis;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return state ^ (state >>> 13);
}
