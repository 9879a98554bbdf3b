import { ConnectorError } from '../errors.ts';
import type { SpanReader } from '../sources/span-reader.ts';
import type { AcceptResult, Store } from '../store/store.ts';
import { type BackfillCursor, backfillCursor, type Job, readText } from './spec.ts';

/** What a backfill is made of. */
export interface BackfillOptions {
  readonly store: Pick<Store, 'advanceJob'>;
  /** Makes a reader of the source beside the live one; `onAccepted` is called after each page. */
  readonly openReader: (onAccepted: (result: AcceptResult) => void) => SpanReader;
}

/** Returns where a backfill is: at its cursor, or at its beginning. */
export function backfillProgress({ stored, spec }: Extract<Job, { kind: 'backfill' }>): BackfillCursor {
  return (
    readText(backfillCursor, stored.cursor) ?? {
      version: 1,
      upTo: spec.from,
      read: 0,
      accepted: 0,
      repeated: 0,
      gaps: 0,
    }
  );
}

/**
 * Reads a span of a source from the job's cursor on, slice by slice, behind live reads wherever both want the quota.
 * The live watermark, and which keys are forgotten, stay as they are. Throws a `ConnectorError` when the API fails: what
 * was accepted stays accepted, and the next call goes on at the cursor.
 */
export async function performBackfill(
  job: Extract<Job, { kind: 'backfill' }>,
  options: BackfillOptions,
  signal: AbortSignal,
): Promise<void> {
  const { store, openReader } = options;
  const { stored, spec } = job;
  let cursor = backfillProgress(job);
  if (cursor.upTo >= spec.to) return;
  const reader = openReader(({ accepted, repeated }) => {
    cursor = {
      ...cursor,
      read: cursor.read + accepted + repeated,
      accepted: cursor.accepted + accepted,
      repeated: cursor.repeated + repeated,
    };
  });
  const advance = (change: Partial<BackfillCursor>) => {
    cursor = { ...cursor, ...change };
    return store.advanceJob(stored.id, { cursor: JSON.stringify(cursor), done: cursor.accepted });
  };
  const { partial, gaps } = await reader.readSpan(
    { from: cursor.upTo, to: spec.to },
    { priority: 'backlog', signal, onRead: (upTo) => advance({ upTo }) },
  );
  if (gaps > 0) await advance({ gaps: cursor.gaps + gaps });
  if (partial) throw new ConnectorError('API_FAILED', 'the API answered in part (206 or a Warning header)');
  if (cursor.upTo < spec.to) {
    throw new ConnectorError('API_FAILED', `by its own clock the API has not got to ${spec.to} yet`);
  }
}
