import { durationText } from '../fields/duration.ts';
import { epochMs, type Instant, instantOf } from '../fields/instant.ts';
import type { Clock } from '../runtime/clock.ts';
import type { SourceTotals } from '../runtime/telemetry.ts';
import type { Store } from '../store/store.ts';
import type { ConnectorEventDraft, ConnectorJournal } from './connector-journal.ts';

/** A source whose heart beats. */
export interface BeatingSource {
  readonly name: string;
  readonly tenant: string;
  readonly totals: SourceTotals;
}

/**
 * Returns a function that writes one heartbeat of every source. Numbers are kept with the heartbeats that bear them, in
 * one transaction, so that none is skipped and none comes twice, whatever happens in between. Rejects when the store
 * refuses.
 */
export function createHeartbeat(options: {
  readonly sources: readonly BeatingSource[];
  readonly journal: ConnectorJournal;
  readonly store: Pick<Store, 'counter' | 'watermark'>;
  readonly clock: Clock;
}): () => Promise<void> {
  const { sources, journal, store, clock } = options;
  return async () => {
    const beats: ConnectorEventDraft[] = [];
    const counters: Record<string, number> = {};
    for (const source of sources) {
      const counter = `heartbeat/${source.tenant}/${source.name}`;
      const number = (await store.counter(counter)) + 1;
      beats.push(beatOf(source, number, await store.watermark(source.name), clock.now()));
      counters[counter] = number;
    }
    await journal.write(beats, counters);
  };
}

function beatOf(
  { name, tenant, totals }: BeatingSource,
  number: number,
  watermark: Instant | undefined,
  nowMs: number,
): ConnectorEventDraft {
  const { accepted, repeated, lastSuccessMs } = totals;
  const lagMs = watermark === undefined ? undefined : Math.max(0, nowMs - epochMs(watermark));
  const reach =
    watermark === undefined || lagMs === undefined
      ? 'not read to the end of a window yet'
      : `read up to ${watermark}, ${durationText(lagMs)} behind`;
  return {
    id: `heartbeat/${tenant}/${name}/${number}`,
    type: 'heartbeat',
    number,
    state: undefined,
    severity: 'informational',
    time: instantOf(nowMs),
    since: undefined,
    message: `${reach}; ${accepted} accepted and ${repeated} repeated since the start`,
    tenant,
    source: name,
    sink: undefined,
    watermark,
    lagSeconds: lagMs === undefined ? undefined : Math.floor(lagMs / 1000),
    accepted,
    repeated,
    lastSuccess: lastSuccessMs === undefined ? undefined : instantOf(lastSuccessMs),
  };
}
