import type { Clock } from '../runtime/clock.ts';
import type { CallLimits } from './limits.ts';
import { type Passage, QuotaGate } from './quota-gate.ts';

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
  /** Starts no call for so long, ms: what a Retry-After asks of all callers. Never shortens a pause. */
  pauseFor(ms: number): void;
  /** Takes a share among those who call again and again, as long as the process lives. */
  join(): QuotaShare;
}

/** The share of one of several who call again and again. Times are milliseconds. */
export interface QuotaShare {
  /** How far apart calls are with which all shares together use half the budget: the rest is for catching up, and others. */
  busyMs(): number;
  /** How far apart calls must be for what is left of the budget to last; 0 while less than half of it is used. */
  lastingMs(): number;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Share of the minute and of the hour that backlog may use, so that live always finds room. */
const backlogShare = 0.8;

/** Share of the budget that is called for again and again at the most: catching up, and audits, need the rest. */
const busyShare = 0.5;

/** The higher goes first. */
const rank: Readonly<Record<Priority, number>> = { live: 1, backlog: 0 };

/**
 * Returns a budget: in no sliding minute do more than `perMinute` calls start, in no sliding hour more than `perHour`.
 * A call passes gates from the outside in: backlog's share, the hour, the minute. Only `concurrency` calls fit between
 * two gates, so what passed the hour's gate and waits at the minute's is bounded, and taken off the hour beforehand.
 */
export function createQuota(limits: CallLimits, clock: Clock): Quota {
  const { perMinute, perHour, concurrency } = limits;
  const minute = new QuotaGate({ concurrency, calls: perMinute, spanMs: minuteMs }, clock);
  const shared = [minute];
  // One slot is left to live even while every backlog call is slow.
  const slots = Math.max(concurrency - 1, 1);
  const backlog = [new QuotaGate({ concurrency: slots, calls: share(perMinute), spanMs: minuteMs }, clock)];
  if (perHour !== undefined) {
    const calls = Math.max(perHour - concurrency, 1);
    shared.unshift(new QuotaGate({ concurrency, calls, spanMs: hourMs }, clock));
    backlog.push(new QuotaGate({ calls: share(perHour - concurrency), spanMs: hourMs }, clock));
  }
  const busyMs = Math.max(minuteMs / perMinute, hourMs / (perHour ?? Number.POSITIVE_INFINITY)) / busyShare;
  let shares = 0;
  return {
    join() {
      shares++;
      return {
        busyMs: () => shares * busyMs,
        lastingMs: () => shares * Math.max(...shared.map((gate) => gate.lastingMs())),
      };
    },
    async run(call, { priority, signal }) {
      signal.throwIfAborted();
      const gates = priority === 'live' ? shared : [...backlog, ...shared];
      return await through(gates, call, { rank: rank[priority], signal });
    },
    pauseFor: (ms) => minute.pauseFor(ms),
  };
}

function through<T>(gates: readonly QuotaGate[], call: () => Promise<T>, passage: Passage): Promise<T> {
  const [outermost, ...inner] = gates;
  return outermost === undefined ? call() : outermost.pass(() => through(inner, call, passage), passage);
}

function share(limit: number): number {
  return Math.max(Math.floor(limit * backlogShare), 1);
}
