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
  return new SeededRandom(seeds.join('\u0001'));
}

/** Small fast counting generator (SFC, 32 bits), with 128 bits of state so that GUIDs do not collide. */
class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#a = hash(seed, 0x811c9dc5);
    this.#b = hash(seed, 0x01000193);
    this.#c = hash(seed, 0x9e3779b9);
    for (let round = 0; round < 12; round += 1) this.#word();
  }

  next(): number {
    return this.#word() / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }

  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += this.#word().toString(16).padStart(8, '0');
    return digits.slice(0, length);
  }

  guid(): string {
    const d = this.hex(32);
    const variant = '89ab'[this.between(0, 3)];
    return `${d.slice(0, 8)}-${d.slice(8, 12)}-4${d.slice(13, 16)}-${variant}${d.slice(17, 20)}-${d.slice(20)}`;
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
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
