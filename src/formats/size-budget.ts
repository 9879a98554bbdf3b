import type { Formatted } from './format.ts';

/**
 * Steps by which a record is made shorter, in their order (formats reference §4.8, rule 2), after a copy of the record as
 * Microsoft sent it, all of which is told beside it.
 */
const steps = [
  'original',
  'recommendedActions',
  'comments',
  'loggedOnUsers',
  'furtherEvidence',
  'description',
  'tags',
  'registry',
  'userAgent',
  'fileSignature',
  'parentProcess',
  'longUrl',
  'md5',
  'sha1',
  'commandLine',
  'filePath',
  'other',
] as const;

/**
 * What a field is worth when a record is too long: `kept` is never removed (§4.8, rule 3), `other` is named by neither
 * rule and goes after all the named steps, the last field first; the rest is the step that takes it.
 */
export type Importance = 'kept' | (typeof steps)[number];

/** A field of a record that is too long. */
export interface Part {
  /** As the record names it among what was left out. */
  readonly name: string;
  readonly importance: Importance;
  /** Bytes of the value as encoded. */
  readonly valueBytes: number;
  /** Code points of the value, which `cut` can lower. */
  readonly characters: number;
  /** Leaves the field out. */
  remove(): void;
  /** Cuts the value, as it was at first, to so many code points. */
  cut(characters: number): void;
}

/** A record that is too long, and can be made shorter part by part. */
export interface Shrinkable {
  readonly parts: readonly Part[];
  /** True when the record tells the file's SHA-256, beside which its SHA-1 can go. */
  readonly hasSha256: boolean;
  /** Names of fields that a limit of the format has cut already. */
  readonly cut: readonly string[];
  /** Bytes of the record as it stands, naming `truncated` as left out or cut. */
  bytes(truncated: readonly string[]): number;
  /** The record as it stands, likewise. */
  text(truncated: readonly string[]): string;
}

const urlBytes = 256;
const leastCutCharacters = 256;
/** Stands for the names that had no room. */
const moreNames = '…';

/** Tells whether the text takes at most `maxBytes` bytes of UTF-8. */
export function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

/** Shortens the record until it takes at most `maxBytes` bytes, or tells that it cannot be. */
export function shrink(record: Shrinkable, maxBytes: number): Formatted {
  const budget = new Budget(record, maxBytes);
  for (const step of steps) {
    if (budget.met()) break;
    if (step === 'commandLine' || step === 'filePath') budget.cutStep(step);
    else budget.removeStep(step);
  }
  // Rule 5: only what rule 3 keeps decides whether an event is a dead letter, so that the cut values go in the end.
  if (!budget.met()) budget.removeAll('filePath');
  if (!budget.met()) budget.removeAll('commandLine');
  if (!budget.met()) budget.nameFewer();
  return budget.outcome();
}

class Budget {
  readonly #record: Shrinkable;
  readonly #maxBytes: number;
  readonly #truncated: Set<string>;
  #names: readonly string[];

  constructor(record: Shrinkable, maxBytes: number) {
    this.#record = record;
    this.#maxBytes = maxBytes;
    this.#truncated = new Set(record.cut);
    this.#names = record.cut;
  }

  met(): boolean {
    return this.#record.bytes(this.#names) <= this.#maxBytes;
  }

  removeStep(step: Importance): void {
    const parts = this.#record.parts.filter((part) => this.#stepOf(part) === step);
    // The further a field stands behind, the less it is worth where the step does not tell.
    if (step === 'other' || step === 'furtherEvidence') parts.reverse();
    for (const part of parts) {
      if (this.met()) return;
      this.#remove(part);
    }
  }

  removeAll(importance: Importance): void {
    for (const part of this.#record.parts) if (part.importance === importance) this.#remove(part);
  }

  cutStep(step: Importance): void {
    for (const part of this.#record.parts) {
      if (part.importance !== step || part.characters <= leastCutCharacters || this.met()) continue;
      this.#note(part.name);
      let least = leastCutCharacters;
      let most = part.characters - 1;
      while (least < most) {
        const middle = Math.ceil((least + most) / 2);
        part.cut(middle);
        if (this.met()) least = middle;
        else most = middle - 1;
      }
      part.cut(least);
    }
  }

  /** Leaves out names from the end, until `…` alone tells that something was left out. */
  nameFewer(): void {
    const names = this.#names;
    for (let count = names.length - 1; count >= 0 && !this.met(); count--) {
      this.#names = [...names.slice(0, count), moreNames];
    }
  }

  outcome(): Formatted {
    if (this.met()) {
      return { kind: 'formatted', text: this.#record.text(this.#names), truncated: this.#names };
    }
    const bytes = this.#record.bytes(this.#names);
    return {
      kind: 'oversize',
      reason: `the fields that are never left out take ${bytes} bytes, and the sink takes ${this.#maxBytes}: raise the sink's limit`,
    };
  }

  #stepOf(part: Part): Importance {
    if (part.importance === 'longUrl' && part.valueBytes <= urlBytes) return 'other';
    if (part.importance === 'sha1' && !this.#record.hasSha256) return 'other';
    return part.importance;
  }

  #remove(part: Part): void {
    part.remove();
    this.#note(part.name);
  }

  #note(name: string): void {
    this.#truncated.add(name);
    this.#names = [...this.#truncated];
  }
}
