import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Path } from './problems.ts';

/** A piece of a text, from offset to offset, and what is to stand in its place. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Changes of a file that touch nothing but their own lines, so that comments stay aligned as they were written. */
export class YamlSplicer {
  readonly #text: string;
  readonly #document: Document;
  readonly #splices: Splice[] = [];
  /** True where a change does not fit: a collection on one line, or a place that is not there. */
  #unfit = false;

  constructor(text: string) {
    this.#text = text;
    this.#document = parseDocument(text);
  }

  /** Sets keys of the map at this place, or takes those away that are undefined; new ones stand behind `after`. */
  set(path: Path, changes: Readonly<Record<string, unknown>>, after: string): void {
    const map = this.#document.getIn(path);
    if (!isMap(map) || map.flow === true || map.items.length === 0) {
      this.#unfit = true;
      return;
    }
    for (const [key, value] of Object.entries(changes)) {
      const pair = pairOf(map, key);
      if (pair !== undefined && isScalar(pair.value) && typeof value === 'string') {
        this.#replace(pair.value, value);
        continue;
      }
      if (pair !== undefined) this.#cut(pair);
      if (value !== undefined) this.#insert(map, after, rendered({ [key]: value }));
    }
  }

  /** Puts a comment in the place of a key of the map at this place. */
  remark(path: Path, key: string, comment: string): void {
    const map = this.#document.getIn(path);
    const pair = isMap(map) && map.flow !== true ? pairOf(map, key) : undefined;
    const span = pair === undefined ? undefined : this.#linesOf(pair);
    if (span === undefined) {
      this.#unfit = true;
      return;
    }
    const indent = ' '.repeat(this.#column(span.keyFrom));
    this.#splices.push({ from: span.from, to: span.to, text: `${indent}#${comment}\n` });
  }

  /** Adds an item at the end of the list at this place. */
  append(path: Path, item: unknown): void {
    const list = this.#document.getIn(path);
    const last = isSeq(list) && list.flow !== true ? list.items.at(-1) : undefined;
    const range = isNode(last) ? last.range : undefined;
    if (range === undefined || range === null) {
      this.#unfit = true;
      return;
    }
    const dash = /^( *)- /.exec(this.#text.slice(this.#lineFrom(range[0])));
    if (dash === null) {
      this.#unfit = true;
      return;
    }
    const at = this.#lineEnd(range[1]);
    const lead = this.#text.slice(0, at).endsWith('\n') ? '' : '\n';
    this.#splices.push({ from: at, to: at, text: lead + indented(rendered([item]), dash[1]?.length ?? 0) });
  }

  /** Returns the changed text; undefined where it would not say what `meant` says. */
  result(meant: Document): string | undefined {
    if (this.#unfit) return undefined;
    let text = this.#text;
    const backwards = this.#splices.map((splice, order) => ({ ...splice, order }));
    // At one place what is cut goes first, or it would cut what was put there.
    backwards.sort((a, b) => b.from - a.from || b.to - a.to || b.order - a.order);
    for (const splice of backwards) text = text.slice(0, splice.from) + splice.text + text.slice(splice.to);
    const document = parseDocument(text);
    return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), meant.toJS())
      ? text
      : undefined;
  }

  /** What stands behind the value on its line stays. */
  #replace({ range }: Scalar, value: string): void {
    if (range === undefined || range === null) this.#unfit = true;
    else this.#splices.push({ from: range[0], to: range[1], text: rendered(value).trimEnd() });
  }

  #cut(pair: Pair): void {
    const span = this.#linesOf(pair);
    if (span === undefined) {
      this.#unfit = true;
      return;
    }
    this.#splices.push({ from: span.from, to: span.to, text: '' });
  }

  #insert(map: YAMLMap, after: string, text: string): void {
    const pair = pairOf(map, after) ?? map.items[0];
    const keyRange = isNode(pair?.key) ? pair.key.range : undefined;
    if (pair === undefined || keyRange === undefined || keyRange === null) {
      this.#unfit = true;
      return;
    }
    const at = this.#lineEnd(this.#endOf(pair));
    const lead = this.#text.slice(0, at).endsWith('\n') ? '' : '\n';
    this.#splices.push({ from: at, to: at, text: lead + indented(text, this.#column(keyRange[0])) });
  }

  /** The whole lines of a pair; undefined where something else stands before it on the first. */
  #linesOf(pair: Pair): { readonly from: number; readonly to: number; readonly keyFrom: number } | undefined {
    const keyFrom = isNode(pair.key) ? pair.key.range?.[0] : undefined;
    if (keyFrom === undefined) return undefined;
    const from = this.#lineFrom(keyFrom);
    if (this.#text.slice(from, keyFrom).trim() !== '') return undefined;
    return { from, to: this.#lineEnd(this.#endOf(pair)), keyFrom };
  }

  #endOf(pair: Pair): number {
    const [, end = 0] = (isNode(pair.value) ? pair.value.range : undefined) ?? [];
    const [, keyEnd = 0] = (isNode(pair.key) ? pair.key.range : undefined) ?? [];
    return Math.max(end, keyEnd);
  }

  #lineFrom(offset: number): number {
    return this.#text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Behind the end of the line on which the text up to `offset` ends. */
  #lineEnd(offset: number): number {
    const last = this.#text.slice(0, offset).trimEnd().length;
    const end = this.#text.indexOf('\n', last);
    return end === -1 ? this.#text.length : end + 1;
  }

  #column(offset: number): number {
    return offset - this.#lineFrom(offset);
  }
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function rendered(value: unknown): string {
  return new Document(value).toString({ lineWidth: 0 });
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
