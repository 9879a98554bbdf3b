import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { DispatchObserver } from './observer.ts';
import { reasonKind } from './reason-kind.ts';

/** Whether a sink takes events. Tells the log when that changes, once each way, and the observer. */
export interface SinkHealth {
  /** An attempt settled something. */
  succeeded(): void;
  /** An attempt settled nothing, for this reason. */
  failed(reason: string): void;
}

/** A sink that fails again so soon after it was last told about is told about when it goes on for as long, ms. */
const quietMs = 60_000;
/** Most reasons told of one failure: a receiver can make up a new one with each answer. */
const mostReasons = 5;

interface Failure {
  readonly sinceMs: number;
  kind: string;
  /** Kinds of reasons that the log was told. */
  readonly told: Set<string>;
}

/** Makes the health of a sink, which begins well. */
export function createSinkHealth(
  sink: string,
  clock: Clock,
  log: Log,
  observer: DispatchObserver,
): SinkHealth {
  let failing: Failure | undefined;
  let lastToldMs = Number.NEGATIVE_INFINITY;

  return {
    succeeded() {
      if (failing === undefined) return;
      if (failing.told.size > 0) {
        log.info({ sink, failedForMs: lasting(failing) }, 'the sink takes events again');
      }
      failing = undefined;
      observer.state('ok', undefined);
    },
    failed(reason) {
      const kind = reasonKind(reason);
      if (failing?.kind !== kind) observer.state('failing', reason);
      failing ??= { sinceMs: clock.now(), kind, told: new Set() };
      failing.kind = kind;
      observer.stillFailing(lasting(failing), reason);
      tell(failing, reason);
    },
  };

  function lasting({ sinceMs }: Failure): number {
    return Math.max(0, clock.now() - sinceMs);
  }

  function tell(failure: Failure, reason: string): void {
    const { told, kind } = failure;
    if (told.has(kind) || told.size >= mostReasons) return;
    const now = clock.now();
    const soon = Math.abs(now - lastToldMs) < quietMs;
    if (told.size === 0 && soon && lasting(failure) < quietMs) return;
    const words =
      told.size === 0
        ? 'the sink takes no events: they wait in the journal and are tried again until it does; ' +
          'see that the receiver is up and lets this host in, `defender-siem check --live` tries it'
        : 'the sink still takes no events, now for another reason';
    log.warn({ sink, reason }, words);
    told.add(kind);
    lastToldMs = now;
  }
}
