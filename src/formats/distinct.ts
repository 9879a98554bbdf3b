/** From so many values on, a set finds one faster than a look at each. */
const few = 12;

/** Texts in the order in which they were first told, each once. */
export class Distinct {
  readonly values: string[] = [];
  #known: Set<string> | undefined;

  /** Returns true when the value was not told before. */
  add(value: string | undefined): boolean {
    if (value === undefined || this.#knows(value)) return false;
    this.values.push(value);
    if (this.#known !== undefined) this.#known.add(value);
    else if (this.values.length > few) this.#known = new Set(this.values);
    return true;
  }

  #knows(value: string): boolean {
    return this.#known === undefined ? this.values.includes(value) : this.#known.has(value);
  }
}
