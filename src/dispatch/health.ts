import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { DispatchObserver } from './observer.ts';

/** Whether a sink takes events. Tells the log when that changes, once each way, and the observer. */
export interface SinkHealth {
  /** An attempt settled something. */
  succeeded(): void;
  /** An attempt settled nothing, for this reason. */
  failed(reason: string): void;
}

/** Makes the health of a sink, which begins well. */
export function createSinkHealth(
  sink: string,
  clock: Clock,
  log: Log,
  observer: DispatchObserver,
): SinkHealth {
  let failing: { readonly sinceMs: number; reason: string } | undefined;
  return {
    succeeded() {
      if (failing === undefined) return;
      log.info({ sink, failedForMs: clock.now() - failing.sinceMs }, 'the sink takes events again');
      failing = undefined;
      observer.state('ok', undefined);
    },
    failed(reason) {
      if (failing === undefined) {
        failing = { sinceMs: clock.now(), reason };
        log.warn(
          { sink, reason },
          'the sink takes no events: they wait in the journal and are tried again until it does; ' +
            'see that the receiver is up and lets this host in, `defender-siem check --live` tries it',
        );
      } else if (failing.reason === reason) return;
      failing.reason = reason;
      observer.state('failing', reason);
    },
  };
}
