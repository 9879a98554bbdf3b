import { epochMs, parseInstant } from '../fields/instant.ts';
import type { RecordKind, SourceRecord } from '../record.ts';
import type { AcceptRequest } from './store.ts';

/**
 * The records of a request by column, and their texts as bytes one behind the other: what goes to the store's thread at
 * the price of a few arrays, and into a block as it is.
 */
export interface Page {
  readonly kinds: readonly RecordKind[];
  readonly ids: readonly string[];
  readonly versions: readonly string[];
  readonly tracked: readonly (string | undefined)[];
  /** Ms since 1970, 0 for a record that does not say. */
  readonly createdMs: Float64Array;
  /** Ms since 1970, rounded up; NaN for a record without an update time. */
  readonly updatedMs: Float64Array;
  /** Bytes of each text. */
  readonly lengths: Uint32Array;
  readonly texts: Uint8Array;
}

/** A request as it goes to the store's thread. */
export type PageRequest = Omit<AcceptRequest, 'records'> & { readonly page: Page };

/** What became of the records of a page. */
export interface AcceptedPage {
  /** Indices of those that went into the journal, in its order: their positions have no gap. */
  readonly accepted: Uint32Array;
  /** Position of the first of them; of no meaning when there is none. */
  readonly firstPosition: number;
  readonly acceptedAtMs: number;
  /** For each of them, as JSON, the tracked states accepted before it; null for none. */
  readonly earlier: readonly (string | null)[];
}

/** Returns the records as a page. */
export function pageOf(records: readonly SourceRecord[]): Page {
  const lengths = Uint32Array.from(records, ({ json }) => Buffer.byteLength(json));
  // With memory of its own, so that it can be handed to another thread instead of copied.
  const texts = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const { json } of records) at += texts.write(json, at);
  return {
    kinds: records.map(({ kind }) => kind),
    ids: records.map(({ id }) => id),
    versions: records.map(({ version }) => version),
    tracked: records.map(({ tracked }) => tracked),
    createdMs: Float64Array.from(records, ({ created }) => createdMsOf(created)),
    updatedMs: Float64Array.from(records, ({ updated }) => roundedUpMs(updated)),
    lengths,
    texts,
  };
}

/** Returns `created` as the store's keys hold it, ms since 1970; 0 for none. */
export function createdMsOf(created: string | undefined): number {
  const instant = created === undefined ? undefined : parseInstant(created);
  return instant === undefined ? 0 : epochMs(instant);
}

/** Returns the time rounded up to the millisecond, so that no key is forgotten before its time; NaN for none. */
function roundedUpMs(updated: string | undefined): number {
  const instant = updated === undefined ? undefined : parseInstant(updated);
  if (instant === undefined) return Number.NaN;
  const ms = epochMs(instant);
  return instant.endsWith('0000Z') ? ms : ms + 1;
}
