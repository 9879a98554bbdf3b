import { type DocumentLeaf, leavesOf } from './document-layout.ts';
import type { DocumentValue } from './document-row.ts';
import { quoted } from './json-string.ts';

/** A field of a document: where it stands, what it finds, and how that is written. */
export interface DocumentColumn<Source> {
  readonly path: string;
  readonly value: (source: Source, cut: string[]) => DocumentValue;
  /** Returns what was found as JSON, empty for nothing. */
  readonly encode: (found: Exclude<DocumentValue, undefined>, cut: string[]) => string;
  /** True where a text is written as it is, whatever its length: what most fields hold, which saves two calls each. */
  readonly isPlain: boolean;
  /** Returns a part of the source without which there is nothing to find. */
  readonly partOf?: ((source: Source) => unknown) | undefined;
}

/** A column with what stands before its value. */
interface Step<Source> {
  readonly value: DocumentColumn<Source>['value'];
  readonly encode: DocumentColumn<Source>['encode'];
  readonly isPlain: boolean;
  readonly depth: number;
  readonly shared: number;
  /** By how many objects end before it, and how many of its own are open then: `}},"host":{"name":`. */
  readonly before: readonly (readonly string[])[];
  /** Where it is the first of the document. */
  readonly first: string;
}

/** Columns side by side that have nothing to tell without the same part of the source. */
interface Run<Source> {
  readonly partOf: ((source: Source) => unknown) | undefined;
  /** The least that one of its columns shares with the one before. */
  readonly shared: number;
  readonly steps: readonly Step<Source>[];
}

/**
 * Returns a function that writes a document with these columns, which stand in tree order: one pass and one text that
 * grows, no list of values. Columns of a part that is not there cost one look.
 */
export function documentWriter<Source>(
  columns: readonly DocumentColumn<Source>[],
  nested: boolean,
): (source: Source, cut: string[]) => string {
  const runs = runsOf(columns, nested);
  return (source, cut) => {
    const page = new Page();
    for (let at = 0; at < runs.length; at++) {
      const run = runs[at];
      if (run === undefined) break;
      if (run.partOf === undefined || run.partOf(source) !== undefined) page.write(run.steps, source, cut);
      else page.pass(run);
    }
    return page.end();
  };
}

/** A document as far as it is written. */
class Page {
  #text = '';
  /** In how many objects what was written last stands. */
  #depth = 0;
  /** How many of them the next value stands in as well, as far as it is known. */
  #shared = 0;

  pass({ shared }: { readonly shared: number }): void {
    if (shared < this.#shared) this.#shared = shared;
  }

  write<Source>(steps: readonly Step<Source>[], source: Source, cut: string[]): void {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at];
      if (step === undefined) break;
      this.pass(step);
      const found = step.value(source, cut);
      if (found === undefined) continue;
      const json = step.isPlain && typeof found === 'string' ? quoted(found) : step.encode(found, cut);
      if (json !== '') this.#put(step, json);
    }
  }

  #put({ depth, before, first }: Step<never>, json: string): void {
    const start = this.#text === '' ? first : before[this.#depth - this.#shared]?.[this.#shared];
    this.#text += start + json;
    this.#depth = depth;
    this.#shared = depth;
  }

  end(): string {
    return this.#text === '' ? '{}' : `${this.#text}${'}'.repeat(this.#depth + 1)}`;
  }
}

function runsOf<Source>(columns: readonly DocumentColumn<Source>[], nested: boolean): readonly Run<Source>[] {
  const leaves = leavesOf(
    columns.map(({ path }) => path),
    nested,
  );
  const most = Math.max(0, ...leaves.map(({ depth }) => depth));
  const runs: { partOf: Run<Source>['partOf']; shared: number; steps: Step<Source>[] }[] = [];
  for (const [at, column] of columns.entries()) {
    const leaf = leaves[at];
    if (leaf === undefined) continue;
    const { partOf } = column;
    let run = runs.at(-1);
    if (run === undefined || run.partOf !== partOf) {
      run = { partOf, shared: leaf.shared, steps: [] };
      runs.push(run);
    }
    run.shared = Math.min(run.shared, leaf.shared);
    run.steps.push(stepOf(column, leaf, most));
  }
  return runs;
}

function stepOf<Source>(
  { value, encode, isPlain }: DocumentColumn<Source>,
  { depth, shared, open }: DocumentLeaf,
  most: number,
): Step<Source> {
  const before = Array.from({ length: most + 1 }, (_, ending) =>
    open.map((names) => `${'}'.repeat(ending)},${names}`),
  );
  return { value, encode, isPlain, depth, shared, before, first: `{${open[0] ?? ''}` };
}
