import type { HttpClient } from '../http/client.ts';
import type { Log } from '../runtime/log.ts';
import type { Endpoints } from './clouds.ts';
import { entraCodeMeans } from './entra-errors.ts';
import { IdentityError } from './identity-error.ts';
import { cloudMismatch, locateTenant } from './tenant-metadata.ts';

/** Holds the configured cloud of a tenant against what the tenant's own metadata tell, once. */
export interface CloudCheck {
  /** After a first token: logs when the cloud is another one, since the APIs' hosts are then wrong. Waits for nothing. */
  confirm(signal: AbortSignal): void;
  /**
   * Resolves with what to tell of a refusal: where another cloud explains it, with the value to set; else as it is.
   * Never rejects but with the signal's reason.
   */
  explain(refusal: unknown, signal: AbortSignal): Promise<unknown>;
}

/** Returns the check of one tenant. It asks for the metadata once, and again only if they could not be had. */
export function createCloudCheck(options: {
  readonly tenant: { readonly name: string; readonly id: string };
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
  readonly log: Pick<Log, 'warn'>;
}): CloudCheck {
  const { tenant, endpoints, http, log } = options;
  let looking: Promise<string | undefined> | undefined;
  let confirmed = false;

  /** What is wrong with the configured cloud; undefined when nothing is, or when that cannot be known. */
  async function mismatch(signal: AbortSignal): Promise<string | undefined> {
    looking ??= locateTenant({ http, endpoints, tenantId: tenant.id, tenant: tenant.name }, signal).then(
      (metadata) => cloudMismatch(endpoints.cloud, metadata),
    );
    try {
      return await looking;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IdentityError && error.retryable) looking = undefined;
      return undefined;
    }
  }

  async function confirmNow(signal: AbortSignal): Promise<void> {
    const reason = await mismatch(signal);
    if (reason === undefined) return;
    log.warn(
      { tenant: tenant.name, cloud: endpoints.cloud, reason },
      'the configured cloud is not the one that the tenant lives in',
    );
  }

  return {
    confirm(signal) {
      if (confirmed) return;
      confirmed = true;
      confirmNow(signal).catch(() => {}); // Aborted: nobody is left to be told.
    },
    async explain(refusal, signal) {
      if (!(refusal instanceof IdentityError) || !mayBeTheCloud(refusal)) return refusal;
      const reason = await mismatch(signal);
      if (reason === undefined) return refusal;
      return new IdentityError(refusal.code, `${refusal.message}: ${reason}`, {
        retryable: refusal.retryable,
        retryAfterMs: refusal.retryAfterMs,
        entraCode: refusal.entraCode,
        advice: reason,
      });
    },
  };
}

/** An authority that sends its clients elsewhere gives no code. */
function mayBeTheCloud({ code, entraCode }: IdentityError): boolean {
  return code === 'IDENTITY_REFUSED' && (entraCode === undefined || entraCodeMeans(entraCode, 'cloud'));
}
