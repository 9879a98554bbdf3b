/** How long failed deliveries wait, in milliseconds. */
export interface RetryConfig {
  /** The first wait is up to this. */
  readonly initialMs: number;
  /** No wait of our own choosing is longer. */
  readonly maxMs: number;
}

/** A receiver's Retry-After is honoured up to this: one that says a year would be as good as a lost sink. */
const longestRetryAfterMs = 3_600_000;
/** The random part on top of a Retry-After: a tenth of it, and no more than this, ms. */
const longestJitterMs = 10_000;

/**
 * Returns how long to wait before the next attempt, ms: a random part (`random`, 0 to 1) of a span that doubles with
 * each failure in a row (`failures`, from 1) up to `maxMs`, so that many clients do not come back at once ("full
 * jitter"); but no shorter than the receiver's own Retry-After, which many may have been told at once.
 */
export function backoffMs(
  failures: number,
  { initialMs, maxMs }: RetryConfig,
  random: number,
  retryAfterMs = 0,
): number {
  // Past 2^52 doublings gain nothing and would end in Infinity × 0.
  const span = Math.min(maxMs, initialMs * 2 ** Math.min(Math.max(failures - 1, 0), 52));
  const floor = Number.isNaN(retryAfterMs) ? 0 : Math.min(retryAfterMs, longestRetryAfterMs);
  const jitter = Math.round(random * Math.min(floor / 10, longestJitterMs));
  return Math.max(Math.round(random * span), floor + jitter);
}
