/** What a walk through the members of JSON text has found, named by path. */
export interface OddMembers {
  /** Members whose name stands twice in one object. */
  readonly repeated: readonly string[];
  /** Names and texts that hold half a surrogate pair. */
  readonly loneSurrogates: readonly string[];
}

interface Container {
  /** Names met in an object; undefined for an array. */
  readonly names: Set<string> | undefined;
  /** Name of the member, or number of the element, that is being read. */
  current: string;
  elements: number;
}

/** A text, or a mark that says where one stands; numbers and literals are passed over. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/gs;

/** More of a kind tell nothing new, and their paths may be long. */
const maxOfKind = 20;

/** Returns what is odd about the members of a text that `JSON.parse` takes, without recursion. */
export function oddMembers(text: string): OddMembers {
  const walk = new Walk();
  for (const { 0: mark } of text.matchAll(token)) walk.step(mark);
  return walk;
}

class Walk implements OddMembers {
  readonly repeated: string[] = [];
  readonly loneSurrogates: string[] = [];
  readonly #stack: Container[] = [];
  #nameNext = false;

  step(mark: string): void {
    const top = this.#stack.at(-1);
    switch (mark) {
      case '{':
      case '[':
        this.#nameNext = mark === '{';
        this.#stack.push({ names: this.#nameNext ? new Set() : undefined, current: '0', elements: 0 });
        break;
      case '}':
      case ']':
        this.#stack.pop();
        this.#nameNext = false;
        break;
      case ',':
        this.#nameNext = top?.names !== undefined;
        if (top !== undefined && !this.#nameNext) top.current = String(++top.elements);
        break;
      default:
        this.#readText(mark.includes('\\') ? String(JSON.parse(mark)) : mark.slice(1, -1), top);
    }
  }

  #readText(value: string, top: Container | undefined): void {
    if (this.#nameNext && top?.names !== undefined) {
      top.current = value;
      if (top.names.has(value)) this.#note(this.repeated);
      top.names.add(value);
    }
    if (!value.isWellFormed()) this.#note(this.loneSurrogates);
    this.#nameNext = false;
  }

  #note(list: string[]): void {
    if (list.length < maxOfKind) list.push(this.#stack.map(({ current }) => current).join('.'));
  }
}
