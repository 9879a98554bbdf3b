import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { IssuedToken } from './token-request.ts';

/** Renewal starts this long before the end, ms, or a tenth of the lifetime, whichever is less (reference §2.1). */
const renewAheadMs = 300_000;

/** After a failed renewal, while the old token still holds, the next one waits this long, ms. */
const renewalPauseMs = 30_000;

/** What a cache works with. */
export interface TokenCacheOptions {
  /** Gets a new token; never called while an earlier call is under way. */
  readonly acquire: () => Promise<IssuedToken>;
  readonly clock: Clock;
  /** Told once for each token that its renewal failed while it still holds for so long, ms. */
  readonly onRenewalFailed: (error: unknown, validForMs: number) => void;
}

/** Keeps one token, by elapsed time: renewed ahead of its end, asked for once however many wait, kept while renewal fails. */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  #held: { readonly token: string; readonly expiresAtMs: number } | undefined;
  #renewAtMs = 0;
  #flight: Promise<string> | undefined;
  /** The token whose renewal failed, and was told of. */
  #told: string | undefined;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  /**
   * Returns a token that holds now. Nobody waits for a renewal while the old one holds. Rejects as `acquire` does, or
   * with the signal's reason; the others who wait for the same token are not disturbed.
   */
  async token(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const nowMs = elapsedMs(this.#options.clock);
    const held = this.#held;
    if (held === undefined || nowMs >= held.expiresAtMs) return abortable(this.#renew(), signal);
    if (nowMs >= this.#renewAtMs && this.#flight === undefined) {
      this.#renew().catch((error: unknown) => {
        const failedAtMs = elapsedMs(this.#options.clock);
        this.#renewAtMs = failedAtMs + renewalPauseMs;
        if (this.#told === held.token) return;
        this.#told = held.token;
        this.#options.onRenewalFailed(error, Math.max(held.expiresAtMs - failedAtMs, 0));
      });
    }
    return held.token;
  }

  /** Forgets this token, so that the next call gets a fresh one; any other token stays. */
  invalidate(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  #renew(): Promise<string> {
    this.#flight ??= this.#acquire().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #acquire(): Promise<string> {
    // Counted from before the request: the authority's clock started no earlier.
    const askedAtMs = elapsedMs(this.#options.clock);
    const { token, lifetimeMs } = await this.#options.acquire();
    const expiresAtMs = askedAtMs + lifetimeMs;
    this.#held = { token, expiresAtMs };
    this.#renewAtMs = expiresAtMs - Math.min(renewAheadMs, lifetimeMs / 10);
    return token;
  }
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
