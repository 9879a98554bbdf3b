import { epochMs } from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Gap, Store } from '../store/store.ts';
import type { Failing } from './narrowing.ts';
import { apiRetentionMs } from './source.ts';

/** The part of the store that keeps gaps. */
export type GapStore = Pick<Store, 'gaps' | 'recordGap' | 'closeGap' | 'known' | 'watermark'>;

/** What a gap keeper is made of. */
export interface GapKeeperOptions {
  readonly source: string;
  readonly tenant: string;
  readonly store: GapStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly blindSpots: BlindSpots;
}

const firstRetryMs = 60_000;
const longestRetryMs = 6 * 3_600_000;

/** The spans of one source that could not be read: kept, told, and due again at growing intervals. */
export class GapKeeper {
  readonly #options: GapKeeperOptions;
  /** When each gap is due again, by elapsed time, so that setting the clock moves none. */
  readonly #dueAt = new Map<string, number>();

  constructor(options: GapKeeperOptions) {
    this.#options = options;
  }

  /** All gaps, the oldest first. */
  all(): Promise<readonly Gap[]> {
    return this.#options.store.gaps(this.#options.source);
  }

  /** For each record, in order: whether it has been accepted. */
  accepted(records: readonly SourceRecord[]): Promise<readonly boolean[]> {
    return this.#options.store.known(this.#options.source, records);
  }

  /** Sets a span aside, so that the rest goes on without it. */
  async setAside({ window, reason }: Failing): Promise<void> {
    const { source, tenant, store, clock, log, blindSpots } = this.#options;
    await store.recordGap(source, { ...window, reason }, clock.now());
    this.#dueAt.set(keyOf(window), elapsedMs(clock) + firstRetryMs);
    const message = `${source}: what was updated from ${window.from} to ${window.to} cannot be read and was set aside; it is tried again for as long as Microsoft keeps it. If it stays, open a case with Microsoft. ${reason}`;
    log.error({ source, tenant, ...window, reason }, 'a span cannot be read: set aside, and tried again');
    blindSpots.open('gap', { tenant, source }, message);
  }

  /**
   * The gaps that are to be tried again now; those that Microsoft no longer keeps are given up. That goes by the
   * watermark, which the API's clock has bounded: this host's may have jumped.
   */
  async due(): Promise<readonly Gap[]> {
    const { clock, log, source, tenant, store, blindSpots } = this.#options;
    const due: Gap[] = [];
    const readTo = await store.watermark(source);
    for (const gap of await this.all()) {
      const key = keyOf(gap);
      if (readTo !== undefined && epochMs(readTo) - epochMs(gap.to) > apiRetentionMs) {
        await this.#close(gap);
        log.error({ source, tenant, from: gap.from, to: gap.to, reason: gap.reason }, 'a gap is given up');
        continue;
      }
      if (!this.#dueAt.has(key)) {
        blindSpots.open('gap', { tenant, source }, `${source}: ${gap.from} to ${gap.to}: ${gap.reason}`);
      }
      const dueAt = this.#dueAt.get(key) ?? elapsedMs(clock) + this.#waitOf(gap);
      this.#dueAt.set(key, dueAt);
      if (dueAt <= elapsedMs(clock)) due.push(gap);
    }
    return due;
  }

  /** Says that a gap could not be read this time either. */
  async stays(gap: Gap, reason: string): Promise<void> {
    const { store, clock, source } = this.#options;
    await store.recordGap(source, { from: gap.from, to: gap.to, reason }, clock.now());
    this.#dueAt.set(keyOf(gap), elapsedMs(clock) + retryMs(gap.attempts + 1));
  }

  /** Says that nothing was found out about a gap, since the API was away. */
  postpone(gap: Gap): void {
    this.#dueAt.set(keyOf(gap), elapsedMs(this.#options.clock) + firstRetryMs);
  }

  /** Says that all of a gap was read and accepted. */
  async healed(gap: Gap): Promise<void> {
    const { log, source, tenant } = this.#options;
    await this.#close(gap);
    const { from, to, attempts } = gap;
    log.info({ source, tenant, from, to, attempts }, 'a gap was read: nothing of it is missing any more');
  }

  async #close(gap: Gap): Promise<void> {
    const { source, tenant, store, blindSpots } = this.#options;
    await store.closeGap(source, gap.from, gap.to);
    this.#dueAt.delete(keyOf(gap));
    if ((await this.all()).length === 0) blindSpots.close('gap', { tenant, source });
  }

  /** After a start: as long as is left since it was set aside, and no longer than the clock could be wrong. */
  #waitOf({ sinceMs, attempts }: Gap): number {
    let afterMs = 0;
    for (let attempt = 1; attempt <= attempts; attempt++) afterMs += retryMs(attempt);
    const leftMs = sinceMs + afterMs - this.#options.clock.now();
    return Math.min(Math.max(leftMs, 0), retryMs(attempts));
  }
}

/** A minute after the first attempt, twice as long after each further one, at most six hours. */
function retryMs(attempts: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** (attempts - 1));
}

function keyOf({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${from} ${to}`;
}
