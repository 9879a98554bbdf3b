import { ConnectorError, type FailureCode } from '../../src/errors.ts';
import { configurationRetryMs } from '../../src/sinks/http-verdict.ts';
import type { Outcome } from '../../src/sinks/sink.ts';

/** What a token is not had for: who asks is refused, Entra ID is not reached, a file of the credential cannot be read. */
const ofTokens: ReadonlySet<FailureCode> = new Set([
  'IDENTITY_REFUSED',
  'IDENTITY_UNAVAILABLE',
  'CONFIG_INVALID',
]);

/** Tells whether there was no token, and so no request. */
export function isTokenFailure(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && ofTokens.has(error.code);
}

/** Returns "later": soon where it may pass by itself, slowly where a person has to act. */
export function tokenVerdict(
  { code, message }: ConnectorError,
  sink: string,
): Extract<Outcome, { kind: 'deferred' }> {
  const reason = `sink ${sink} gets no token for Azure Monitor: ${message}`;
  if (code === 'IDENTITY_UNAVAILABLE') return { kind: 'deferred', reason };
  return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
}
