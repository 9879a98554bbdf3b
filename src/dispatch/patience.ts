import { ConnectorError, messageOf } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { backoffMs, type RetryConfig } from './backoff.ts';

/** Asks the store something; undefined when it could not be used until `signal` aborted. */
export type Ask = <Result>(
  question: () => Promise<Result>,
  signal: AbortSignal,
) => Promise<Result | undefined>;

/**
 * Returns a way to ask the store that outlasts its failures. While the store cannot be used (a full disk) the question
 * is asked again, with what was delivered still in hand: a restart would deliver it twice. Other errors are thrown,
 * STORE_DAMAGED among them: a file that is wrong stays wrong.
 */
export function patience(options: {
  readonly sinkName: string;
  readonly retry: RetryConfig;
  readonly clock: Clock;
  readonly log: Log;
}): Ask {
  const { sinkName: sink, retry, clock, log } = options;
  return async (question, signal) => {
    for (let failures = 0; ; failures++) {
      const outcome = await tried(question);
      if ('answer' in outcome) {
        if (failures > 0) log.info({ sink }, 'the store can be used again: delivery goes on');
        return outcome.answer;
      }
      if (failures === 0) log.error({ sink, reason: outcome.unusable }, 'delivery waits for the store');
      if (!signal.aborted) await clock.sleep(backoffMs(failures + 1, retry, clock.random()), signal);
      if (signal.aborted) return undefined;
    }
  };
}

async function tried<Result>(
  question: () => Promise<Result>,
): Promise<{ readonly answer: Result } | { readonly unusable: string }> {
  try {
    return { answer: await question() };
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'STORE_UNUSABLE') {
      return { unusable: messageOf(error) };
    }
    throw error;
  }
}
