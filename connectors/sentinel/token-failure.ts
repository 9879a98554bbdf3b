import { ConnectorError, type FailureCode } from '../../src/errors.ts';
import { configurationRetryMs } from '../../src/sinks/http-verdict.ts';
import type { Outcome, ReceiverTokens } from '../../src/sinks/sink.ts';

/** What a token is not had for: who asks is refused, Entra ID is not reached, a file of the credential cannot be read. */
const ofTokens: ReadonlySet<FailureCode> = new Set([
  'IDENTITY_REFUSED',
  'IDENTITY_UNAVAILABLE',
  'CONFIG_INVALID',
]);

/** Returns a token, or why there is none; throws what says nothing of tokens. */
export async function tokenOrFailure(
  tokens: ReceiverTokens,
  signal: AbortSignal,
): Promise<string | ConnectorError> {
  try {
    return await tokens.token(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConnectorError && ofTokens.has(error.code)) return error;
    throw error;
  }
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
