import PQueue from 'p-queue';
import type { Clock } from '../runtime/clock.ts';
import type { CallLimits } from './limits.ts';

/** Who goes first: `live` keeps up with what happens now, `backlog` reads the past (`backfill`, catching up). */
export type Priority = 'live' | 'backlog';

/** How a call wants to be admitted. */
export interface Admission {
  readonly priority: Priority;
  readonly signal: AbortSignal;
}

/** A budget of calls that all share who call the same API for the same tenant and application. */
export interface Quota {
  /**
   * Runs the call when the budget allows, live before backlog, and resolves or rejects as it does. Rejects with the
   * signal's reason when that aborts; a call that still waits is then not made.
   */
  run<T>(call: () => Promise<T>, admission: Admission): Promise<T>;
  /** Starts no call before `atMs`, ms since 1970: what a Retry-After asks of all callers. Never shortens a pause. */
  pauseUntil(atMs: number): void;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Share of the minute and of the hour that backlog may use, so that live always finds room. */
const backlogShare = 0.8;

/** `p-queue`'s priorities: the higher goes first. */
const rank: Readonly<Record<Priority, number>> = { live: 1, backlog: 0 };

type Gate = <T>(call: () => Promise<T>, admission: Admission) => Promise<T>;

/**
 * Returns a budget: in no sliding minute do more than `perMinute` calls start, in no sliding hour more than `perHour`.
 * A call passes gates from the outside in: backlog's share, the hour, the minute. Only `concurrency` calls fit between
 * two gates, so what passed the hour's gate and waits at the minute's is bounded, and taken off the hour beforehand.
 */
export function createQuota(limits: CallLimits, clock: Clock): Quota {
  const { perMinute, perHour, concurrency } = limits;
  const minute = new PQueue({ concurrency, intervalCap: perMinute, interval: minuteMs, strict: true });
  const gates: PQueue[] = [minute];
  if (perHour !== undefined) {
    gates.unshift(
      new PQueue({
        concurrency,
        intervalCap: Math.max(perHour - concurrency, 1),
        interval: hourMs,
        strict: true,
      }),
    );
  }
  const shared = chain(gates);
  const backlog = chain([
    // One slot is left to live even while every backlog call is slow.
    new PQueue({
      concurrency: Math.max(concurrency - 1, 1),
      intervalCap: share(perMinute),
      interval: minuteMs,
      strict: true,
    }),
    ...(perHour === undefined
      ? []
      : [new PQueue({ intervalCap: share(perHour - concurrency), interval: hourMs, strict: true })]),
  ]);
  let pausedAtMs = 0;
  let pausedUntilMs = 0;
  let waiting = 0;
  let sleep: AbortController | undefined;

  /** How long the pause goes on, ms; a clock that was set back since does not make it longer than it was asked for. */
  function pauseLeftMs(): number {
    const nowMs = clock.now();
    const backMs = Math.max(0, pausedAtMs - nowMs);
    pausedAtMs -= backMs;
    pausedUntilMs -= backMs;
    return pausedUntilMs - nowMs;
  }

  /** Ends the pause when its time has come. Sleeps only while a call waits, so that a pause keeps no program alive. */
  async function sleepOut(): Promise<void> {
    if (sleep !== undefined) return;
    sleep = new AbortController();
    const { signal } = sleep;
    for (let leftMs = pauseLeftMs(); waiting > 0 && leftMs > 0; leftMs = pauseLeftMs()) {
      await clock.sleep(leftMs, signal);
    }
    sleep = undefined;
    if (pauseLeftMs() <= 0) minute.start();
    else if (waiting > 0) await sleepOut();
  }

  return {
    async run(call, admission) {
      admission.signal.throwIfAborted();
      let left = false;
      const leave = () => {
        if (left) return;
        left = true;
        waiting--;
        if (waiting === 0) sleep?.abort();
      };
      const started = () => {
        leave();
        return call();
      };
      waiting++;
      if (minute.isPaused) void sleepOut();
      try {
        return admission.priority === 'live'
          ? await shared(started, admission)
          : await backlog(() => shared(started, admission), admission);
      } finally {
        leave();
      }
    },
    pauseUntil(atMs) {
      const nowMs = clock.now();
      if (atMs <= nowMs + Math.max(pauseLeftMs(), 0)) return;
      pausedAtMs = nowMs;
      pausedUntilMs = atMs;
      minute.pause();
      if (waiting > 0) void sleepOut();
    },
  };
}

function chain(gates: readonly PQueue[]): Gate {
  return (call, admission) => {
    const { signal, priority } = admission;
    const admit = gates.reduceRight<() => Promise<unknown>>(
      (inner, gate) => () => gate.add(inner, { signal, priority: rank[priority] }),
      call,
    );
    return admit() as ReturnType<typeof call>;
  };
}

function share(limit: number): number {
  return Math.max(Math.floor(limit * backlogShare), 1);
}
