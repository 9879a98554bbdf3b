import { epochMs, type Instant, parseInstant } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { RecordKey, StoreReader } from '../store/store.ts';
import type { Overlap } from './overlap.ts';
import type { SpanStore } from './span-reader.ts';

/** The part of the store that tells late arrivals. */
export interface LateArrivalStore extends SpanStore, Pick<StoreReader, 'known'> {}

/** Update times that had been read before a run began, and are read again by it. */
export interface ReadBefore {
  /** From here on the source had been read: what is older was never asked for. */
  readonly from: Instant;
  /** The watermark at the beginning of the run. */
  readonly watermark: Instant;
  /** Returns how late a record with this update time was, ms. */
  latenessMs(updated: Instant): number;
}

/**
 * Returns the store, with an `accept` that tells the overlap of each state whether it was late: met for the first
 * time, though its update time had been read before. `readBefore` is undefined while history is read (the first run):
 * that counts for nothing.
 */
export function countingLateArrivals(
  store: LateArrivalStore,
  source: string,
  overlap: Pick<Overlap, 'late' | 'onTime'>,
  readBefore: () => ReadBefore | undefined,
): SpanStore {
  return {
    async accept(request) {
      const span = readBefore();
      if (span === undefined) return store.accept(request);
      const behind = request.records.flatMap((record) => timedBetween(record, span));
      const known = behind.length === 0 ? [] : await store.known(source, behind);
      const result = await store.accept(request);
      const late = behind.filter((_record, index) => known[index] !== true);
      for (const { updated } of late) overlap.late(span.latenessMs(updated));
      overlap.onTime(result.accepted - late.length);
      return result;
    },
  };
}

/** Returns how far a record's last update lies behind a watermark, ms; 0 where it has no update time. */
export function latenessOf({ updated }: Pick<SourceRecord, 'updated'>, watermark: Instant): number {
  const instant = updated === undefined ? undefined : parseInstant(updated);
  return instant === undefined ? 0 : Math.max(0, epochMs(watermark) - epochMs(instant));
}

/** The record, by its update time as an instant, where that lies in the span. */
function timedBetween(
  record: SourceRecord,
  { from, watermark }: ReadBefore,
): readonly (RecordKey & { readonly updated: Instant })[] {
  const updated = record.updated === undefined ? undefined : parseInstant(record.updated);
  return updated === undefined || updated < from || updated >= watermark
    ? []
    : [{ ...keyOf(record), updated }];
}

function keyOf({ id, version, created }: SourceRecord): RecordKey {
  return { id, version, created };
}
