import { ConnectorError, messageOf } from '../errors.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import { createDiskWait } from './disk-wait.ts';
import type { TrustedTime } from './trusted-time.ts';

/** How often the size of the store is looked at, while it has room and while it has none, ms. */
const lookEveryMs = 10_000;
const pausedLookEveryMs = 2000;

/** Parts of `maxBytes` above which the journal is near its bound, and below which it no longer is. */
export const nearPart = 0.8;
const farPart = 0.7;

/** What the room for collecting is made of. */
export interface RoomOptions {
  readonly store: Store;
  /** `store.maxBytes`. */
  readonly maxBytes: number;
  /** `store.retention`, ms. */
  readonly retentionMs: number;
  readonly trustedTime: TrustedTime;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when the journal comes near its bound, and when collection pauses. */
  readonly blindSpots?: BlindSpots;
}

/** Where what is collected finds room, or waits for it. Collecting alone waits: delivery goes on, and makes room. */
export interface Room {
  /**
   * Passes at once while the store is smaller than `maxBytes`, and waits while it is not. Rejects with the signal's
   * reason when that aborts.
   */
  readonly gate: (signal: AbortSignal) => Promise<void>;
  /** As `gate`; and waits while a write does. Who has nothing in hand yet need not begin before. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** The store for what collects: a write that the disk refuses for now waits until it no longer does. */
  readonly store: Store;
  /** Looks at the size now: reports that the journal is near its bound, or no longer is. */
  look(): Promise<void>;
  /** Resolves when `signal` aborts, which also ends all waiting; rejects with the STORE_DAMAGED that a source met. */
  watch(signal: AbortSignal): Promise<void>;
}

/** Makes the room of one store. It tells the log when collection pauses and when it goes on: once each. */
export function createRoom(options: RoomOptions): Room {
  const { store, maxBytes, retentionMs, trustedTime, clock, log, blindSpots } = options;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let paused = false;
  let near = false;
  let diskRefuses = false;

  /** One blind spot for both reasons: it closes when neither is left. */
  function report(message: string): void {
    if (near || diskRefuses) blindSpots?.open('journal-near-bound', {}, message);
    else blindSpots?.close('journal-near-bound', {});
  }

  /** Deletes what is delivered and only kept for replay, down to `keepMs` of it; dead letters keep their time. */
  async function makeRoom(keepMs: number): Promise<void> {
    const nowMs = await trustedTime();
    await store.prune(keepMs === 0 ? Number.MAX_SAFE_INTEGER : nowMs - keepMs, nowMs - retentionMs);
  }

  async function look(): Promise<void> {
    let bytes = await store.bytes();
    if (bytes >= maxBytes) {
      await makeRoom(0);
      bytes = await store.bytes();
    }
    lookedAtMs = elapsedMs(clock);
    const full = bytes >= maxBytes;
    if (full && !paused) {
      log.error(
        { bytes, maxBytes },
        'the store has reached store.maxBytes: collection pauses until sinks have caught up',
      );
    }
    if (!full && paused) log.info({ bytes, maxBytes }, 'the store has room again: collection goes on');
    paused = full;
    near = bytes >= maxBytes * (near ? farPart : nearPart);
    report(
      full
        ? 'the store has reached store.maxBytes: nothing is collected until sinks have caught up; see their backlog in `defender-siem status`, or raise store.maxBytes'
        : `the store takes ${Math.round((100 * bytes) / maxBytes)} % of store.maxBytes: at 100 % collection pauses; see the backlog of the sinks in \`defender-siem status\`, or raise store.maxBytes`,
    );
  }

  /** However many wait, one looks. */
  let looking: Promise<void> | undefined;
  const lookWithOthers = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const { writable, ...waiting } = createDiskWait({
    store,
    makeRoom,
    retentionMs,
    clock,
    changed(reason) {
      diskRefuses = reason !== undefined;
      if (reason === undefined) log.info({}, 'the store can be written again: collection goes on');
      else log.error({ reason }, 'collection pauses until the store can be written again; delivery goes on');
      report(`nothing is collected until the store can be written again: ${reason ?? ''}`);
    },
  });

  async function gate(signal: AbortSignal): Promise<void> {
    while (paused || elapsedMs(clock) - lookedAtMs >= lookEveryMs) {
      await lookWithOthers();
      if (!paused) return;
      await clock.sleep(pausedLookEveryMs, signal);
      signal.throwIfAborted();
    }
  }

  return {
    ...waiting,

    gate,

    async ready(signal) {
      await writable(signal);
      await gate(signal);
    },

    async look() {
      try {
        await look();
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.code !== 'STORE_UNUSABLE') throw error;
        log.debug({ reason: messageOf(error) }, 'the size of the store cannot be looked at');
      }
    },
  };
}
