import { rotateAdvice } from '../identity/entra-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BlindSpotJournal } from './blind-spot-journal.ts';
import { credentialUrgentBeforeMs, credentialWarnBeforeMs, expiryOf } from './credential-expiry.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** How often the certificates are looked at, ms: a new one is noticed within the hour. */
const lookEveryMs = 3_600_000;

/** What watches over credentials that end. */
export interface CredentialWatch {
  /** Looks once. Never rejects. */
  look(): Promise<void>;
  /** Looks again and again until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Returns what tells when a tenant's certificate ends in 30 days, and once more when in 7. */
export function createCredentialWatch(options: {
  readonly tenants: readonly Pick<TenantConnection, 'name' | 'credential'>[];
  readonly blindSpots: Pick<BlindSpotJournal, 'open' | 'close'>;
  readonly clock: Clock;
}): CredentialWatch {
  const { tenants, blindSpots, clock } = options;

  async function look(): Promise<void> {
    for (const { name, credential } of tenants) {
      const subject = { tenant: name };
      const notAfterMs = await expiryOf(credential);
      const leftMs = notAfterMs === undefined ? Number.POSITIVE_INFINITY : notAfterMs - clock.now();
      if (notAfterMs === undefined || leftMs > credentialWarnBeforeMs) {
        blindSpots.close('credential-expiring', subject);
        continue;
      }
      const end = new Date(notAfterMs).toISOString().slice(0, 10);
      const message = `the certificate ${leftMs > 0 ? 'ends' : 'ended'} on ${end}: ${rotateAdvice(name)}`;
      const severity = leftMs > credentialUrgentBeforeMs ? 'medium' : 'high';
      blindSpots.open('credential-expiring', subject, message, severity);
    }
  }

  return {
    look,
    async run(signal) {
      while (!signal.aborted) {
        await look();
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
