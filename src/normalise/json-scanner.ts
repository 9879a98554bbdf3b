const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const byteOrderMark = 0xfeff;

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where and why a text is no JSON. */
export class JsonSyntaxError extends Error {
  /** UTF-16 units before the place. */
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(problem);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
  }
}

/** A span of the text: from `start`, up to but not including `end`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Walks over JSON text by its strings and its nesting alone, to find where values begin and end without parsing them:
 * one pass, nothing copied. Within a nested value it does not notice every mistake; who parses that value does. Each
 * method throws `JsonSyntaxError` where the text cannot go on.
 */
export class JsonScanner {
  readonly text: string;
  /** The next unit to look at. */
  position: number;

  /** Starts at `position`; a byte order mark at the text's beginning is passed over. */
  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position === 0 && text.charCodeAt(0) === byteOrderMark ? 1 : position;
  }

  /** Passes over white space; true when nothing is left behind it. */
  atEnd(): boolean {
    this.#skipSpace();
    return this.position >= this.text.length;
  }

  /** True when the next value is a list. */
  atList(): boolean {
    this.#skipSpace();
    return this.text.charCodeAt(this.position) === openList;
  }

  /** True when the next value is an object. */
  atObject(): boolean {
    this.#skipSpace();
    return this.text.charCodeAt(this.position) === openObject;
  }

  /** Passes over one value of any kind; its span. */
  value(): Span {
    this.#skipSpace();
    const start = this.position;
    const unit = this.text.charCodeAt(start);
    if (unit === quote) this.#skipString();
    else if (unit === openObject || unit === openList) this.#skipNested();
    else this.#skipScalar();
    return { start, end: this.position };
  }

  /** Passes over a list; the spans of its elements. */
  list(): readonly Span[] {
    this.#expect(openList);
    const spans: Span[] = [];
    if (this.#take(closeList)) return spans;
    do {
      spans.push(this.value());
    } while (this.#take(comma));
    this.#expect(closeList);
    return spans;
  }

  /** Passes over an object; `onMember` is called before each value with its name, and may pass over the value itself. */
  object(onMember: (name: string) => void): void {
    this.#expect(openObject);
    if (this.#take(closeObject)) return;
    do {
      const name = this.#name();
      this.#expect(colon);
      const before = this.position;
      onMember(name);
      if (this.position === before) this.value();
    } while (this.#take(comma));
    this.#expect(closeObject);
  }

  /** Returns the error of this place: that the text ends here, or what stands here instead. */
  unexpected(): JsonSyntaxError {
    if (this.position >= this.text.length) {
      return new JsonSyntaxError('it ends before it is complete', this.text.length);
    }
    const character = String.fromCodePoint(this.text.codePointAt(this.position) ?? 0);
    return new JsonSyntaxError(`unexpected ${JSON.stringify(character)}`, this.position);
  }

  #name(): string {
    this.#skipSpace();
    const start = this.position;
    if (this.text.charCodeAt(start) !== quote) throw this.unexpected();
    this.#skipString();
    return this.decode({ start, end: this.position });
  }

  /** Returns the text that a JSON string stands for. */
  decode({ start, end }: Span): string {
    const raw = this.text.slice(start, end);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return String(JSON.parse(raw));
    } catch {
      throw new JsonSyntaxError('a text has an escape that JSON does not know', start);
    }
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.position);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.position++;
    }
  }

  #take(unit: number): boolean {
    this.#skipSpace();
    if (this.text.charCodeAt(this.position) !== unit) return false;
    this.position++;
    return true;
  }

  #expect(unit: number): void {
    if (!this.#take(unit)) throw this.unexpected();
  }

  #skipString(): void {
    let end = this.position;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) {
        this.position = this.text.length;
        throw this.unexpected();
      }
    } while (this.#isEscaped(end));
    this.position = end + 1;
  }

  /** A quote is part of the string when an odd number of backslashes stands before it. */
  #isEscaped(at: number): boolean {
    let first = at;
    while (this.text.charCodeAt(first - 1) === backslash) first--;
    return (at - first) % 2 === 1;
  }

  #skipNested(): void {
    const { text } = this;
    let depth = 0;
    for (; this.position < text.length; this.position++) {
      const unit = text.charCodeAt(this.position);
      if (unit === quote) {
        this.#skipString();
        this.position--;
      } else if (unit === openObject || unit === openList) depth++;
      else if (unit === closeObject || unit === closeList) depth--;
      if (depth === 0) {
        this.position++;
        return;
      }
    }
    throw this.unexpected();
  }

  #skipScalar(): void {
    scalar.lastIndex = this.position;
    if (!scalar.test(this.text)) throw this.unexpected();
    this.position = scalar.lastIndex;
  }
}
