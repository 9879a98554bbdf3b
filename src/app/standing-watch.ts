import { messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { SinkProgress, Store } from '../store/store.ts';
import type { BlindSpotJournal } from './blind-spot-journal.ts';
import { credentialUrgentBeforeMs, credentialWarnBeforeMs, expiryOf } from './credential-expiry.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** What is looked at again and again, since nobody reports it when it happens. */
export interface StandingWatch {
  /** Looks once. `sure`: a sink that fails at the moment counts, however short. Never rejects. */
  look(sure: boolean): Promise<void>;
}

/** Returns a watch over credentials that end soon, and over what the store knows of the sinks. */
export function createStandingWatch(options: {
  readonly tenants: readonly Pick<TenantConnection, 'name' | 'credential'>[];
  readonly sinks: readonly string[];
  readonly store: Pick<Store, 'progress'>;
  readonly blindSpots: BlindSpotJournal;
  readonly clock: Clock;
  readonly log: Log;
}): StandingWatch {
  const { tenants, sinks, store, blindSpots, clock, log } = options;
  /** Sinks that failed at the last look: one that fails for a moment is no blind spot. */
  let failedBefore: ReadonlySet<string> = new Set();

  return {
    async look(sure) {
      for (const tenant of tenants) lookAtCredential(tenant);
      try {
        const progress = (await store.progress()).sinks.filter(({ sink }) => sinks.includes(sink));
        for (const sink of progress) lookAtSink(sink, sure);
        failedBefore = new Set(
          progress.flatMap(({ sink, lastError }) => (lastError === undefined ? [] : [sink])),
        );
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'the state of the sinks cannot be read');
      }
    },
  };

  function lookAtCredential({ name, credential }: Pick<TenantConnection, 'name' | 'credential'>): void {
    const subject = { tenant: name };
    const notAfterMs = expiryOf(credential);
    const leftMs = notAfterMs === undefined ? Number.POSITIVE_INFINITY : notAfterMs - clock.now();
    if (notAfterMs === undefined || leftMs > credentialWarnBeforeMs) {
      blindSpots.close('credential-expiring', subject);
      return;
    }
    const ends = `ends on ${new Date(notAfterMs).toISOString().slice(0, 10)}`;
    const message = `the certificate ${leftMs > 0 ? ends : `has ended (${ends})`}: register a new one and put it in its place`;
    blindSpots.open(
      'credential-expiring',
      subject,
      message,
      leftMs > credentialUrgentBeforeMs ? 'medium' : 'high',
    );
  }

  function lookAtSink({ sink, lastError, backlog, deadLetters }: SinkProgress, sure: boolean): void {
    if (lastError === undefined) blindSpots.close('sink-failing', { sink });
    else if (sure || failedBefore.has(sink)) {
      const message = `takes no events, and ${backlog} wait for it: ${lastError}; see that the receiver is up and lets this host in`;
      blindSpots.open('sink-failing', { sink }, message);
    }
    if (deadLetters === 0) blindSpots.close('dead-letters', { sink });
    else {
      const message = `has refused ${deadLetters} events for good: repair what \`defender-siem status\` tells, then \`defender-siem replay --dead-letters --sink ${sink}\``;
      blindSpots.open('dead-letters', { sink }, message);
    }
  }
}
