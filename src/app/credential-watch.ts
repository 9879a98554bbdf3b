import type { TenantAuth } from '../identity/credential.ts';
import { rotateAdvice } from '../identity/entra-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BlindSpotJournal } from './blind-spot-journal.ts';
import { credentialUrgentBeforeMs, credentialWarnBeforeMs } from './credential-expiry.ts';
import type { CredentialRotation } from './credential-rotation.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** How often the credentials are looked at, ms: a new one is noticed within the hour. */
const lookEveryMs = 3_600_000;

/** What watches over credentials that end. */
export interface CredentialWatch {
  /** Looks once. Never rejects. */
  look(): Promise<void>;
  /** Looks again and again until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Returns what tells when a tenant's certificate or secret ends in 30 days, and once more when in 7. */
export function createCredentialWatch(options: {
  readonly tenants: readonly Pick<TenantConnection, 'name' | 'credential'>[];
  readonly rotation: Pick<CredentialRotation, 'validityOf' | 'problemOf'>;
  readonly blindSpots: Pick<BlindSpotJournal, 'open' | 'close'>;
  readonly clock: Clock;
}): CredentialWatch {
  const { tenants, rotation, blindSpots, clock } = options;

  async function lookAt({ name, credential }: (typeof tenants)[number]): Promise<void> {
    const subject = { tenant: name };
    const endMs = (await rotation.validityOf(credential))?.endMs;
    const problem = rotation.problemOf(name);
    const leftMs = (endMs ?? Number.POSITIVE_INFINITY) - clock.now();
    if (problem === undefined && leftMs > warnBeforeMs(credential)) {
      blindSpots.close('credential-expiring', subject);
      return;
    }
    const what = credential.kind === 'client-secret' ? 'client secret' : 'certificate';
    const why = problem === undefined ? '' : `, and cannot be renewed by itself (${problem})`;
    const message = `the ${what} ${endWords(endMs, clock.now())}${why}: ${rotateAdvice(name)}`;
    const severity = leftMs > credentialUrgentBeforeMs ? 'medium' : 'high';
    blindSpots.open('credential-expiring', subject, message, severity);
  }

  async function look(): Promise<void> {
    for (const tenant of tenants) await lookAt(tenant);
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

function endWords(endMs: number | undefined, nowMs: number): string {
  if (endMs === undefined) return 'ends at a time that is not known here';
  return `${endMs > nowMs ? 'ends' : 'ended'} on ${new Date(endMs).toISOString().slice(0, 10)}`;
}

/** What renews itself is worth a word only when that fails, or has not begun a week before the end. */
function warnBeforeMs({ rotate }: TenantAuth): number {
  return rotate === undefined ? credentialWarnBeforeMs : credentialUrgentBeforeMs;
}
