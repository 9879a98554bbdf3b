import { reasonKind } from '../dispatch/reason-kind.ts';
import { messageOf } from '../errors.ts';
import { durationText } from '../fields/duration.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { AuditFindings, createAudit } from '../sources/audit.ts';
import type { Store } from '../store/store.ts';

/** After a start the first audit waits this long, ms: the first run and a catch-up come before it. */
const firstAfterMs = 10 * 60_000;
/** An audit that failed is tried again after this time, ms. */
const retryAfterMs = 15 * 60_000;
/** How often is looked whether one is due, ms: the clock may be set meanwhile. */
const lookEveryMs = 60_000;

/** The audits of one source. */
export interface Audits {
  /** Does one now, and tells what it found; resolves with the failure, undefined on success. Never rejects. */
  once(signal: AbortSignal): Promise<unknown>;
  /** Does one whenever it is due, counted from the last that is kept, until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the audits of a source are made of. `everyMs` 0 for none. */
export interface AuditsOptions {
  readonly source: string;
  readonly tenant: string;
  readonly everyMs: number;
  /** How much later than `firstAfterMs` the first one is, ms: those of many sources do not come all at once. */
  readonly delayMs?: number;
  readonly audit: ReturnType<typeof createAudit>;
  readonly store: Pick<Store, 'audits'>;
  readonly blindSpots: BlindSpots;
  readonly clock: Clock;
  readonly log: Log;
}

/** Returns the audits of a source: when they are done, and what is told of them. */
export function createAudits(options: AuditsOptions): Audits {
  const { source, tenant, everyMs, delayMs = 0, audit, store, blindSpots, clock, log } = options;
  const subject = { tenant, source };
  let lastFailure: string | undefined;

  async function once(signal: AbortSignal): Promise<unknown> {
    try {
      const found = await audit.audit(signal);
      lastFailure = undefined;
      if (found !== undefined) tell(found);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = messageOf(error);
      const words = `the completeness audit could not be done; it is tried again in ${durationText(retryAfterMs)}`;
      const kind = reasonKind(reason);
      if (kind === lastFailure) log.debug({ ...subject, reason }, words);
      else log.warn({ ...subject, reason }, words);
      lastFailure = kind;
      return error;
    }
  }

  function tell({ from, to, expected, accepted, healed, gaps, tooLate, otherFilter }: AuditFindings): void {
    const facts = { ...subject, from, to, expected, accepted, healed, ...(gaps > 0 ? { gaps } : {}) };
    const missing = expected - accepted;
    const left = missing - healed;
    if (missing === 0 || (otherFilter && left === 0)) {
      const found = missing === 0 ? 'nothing was missing' : 'what the filter did not want before was fetched';
      log.info(facts, `completeness audit: ${found}`);
      blindSpots.close('audit-missing', subject);
      return;
    }
    const fetched =
      left === 0
        ? 'all were fetched and are delivered'
        : `${left} could not be fetched; the next audit tries again`;
    const next =
      tooLate > 0
        ? `${tooLate} came later than the source's \`overlap\` may reach: raise it for them to come sooner`
        : "if it happens again, raise the source's `overlap`, and look in the log for what kept them from being read";
    const message = `completeness audit: ${missing} of ${expected} records were missing: ${fetched}; ${next}`;
    log.error(facts, message);
    blindSpots.open('audit-missing', subject, message);
  }

  return {
    once,
    async run(signal) {
      if (everyMs === 0) return;
      let dueMs = clock.now() + Math.min(everyMs, firstAfterMs + delayMs);
      try {
        const [last] = await store.audits(source, 1);
        if (last !== undefined) dueMs = Math.max(dueMs, last.atMs + everyMs);
      } catch (error) {
        log.debug({ ...subject, reason: messageOf(error) }, 'the last audit cannot be read');
      }
      while (!signal.aborted) {
        // After the clock was set back, no wait is longer than the pace.
        dueMs = Math.min(dueMs, clock.now() + everyMs);
        const leftMs = dueMs - clock.now();
        if (leftMs > 0) await clock.sleep(Math.min(leftMs, lookEveryMs), signal);
        else {
          const failure = await once(signal);
          dueMs = clock.now() + (failure === undefined ? everyMs : Math.min(everyMs, retryAfterMs));
        }
      }
    },
  };
}
