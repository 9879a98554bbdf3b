import { ConnectorError, type FailureCode, messageOf } from '../../errors.ts';
import { IdentityError } from '../../identity/identity-error.ts';
import type { Found } from './report.ts';

/** Between what is wrong and what to do, in the messages of this program: `…: check the token`. */
const beginsAdvice =
  /(?:: |\. |; )((?:add|allow|ask|buy|check|compare|correct|create|enable|free|give|grant|have|look|make|mend|name|open|point|put|raise|register|remove|renew|run|see|set|sign|start|turn|upload|use|wait|write)\b[\s\S]*)$/i;

/** What an API said itself, behind what is to be done about it. */
const apiSays = /^([\s\S]*?)\. (The API says: [\s\S]*)$/;

/**
 * Returns an error as a finding: what is wrong, and, as a sentence of its own, what to do. Where the error says nothing of
 * the kind, it is to be tried again where that may help, else that is `otherwise`; where it has no code, that is `unreachable`.
 */
export function remedyOf(
  error: unknown,
  otherwise: string,
  unreachable: FailureCode,
): Extract<Found, { result: 'failed' }> {
  const code = error instanceof ConnectorError ? error.code : unreachable;
  // A `ConnectorError` says all there is to say; its cause is for the log.
  const message = withoutSubject(error instanceof ConnectorError ? error.message : messageOf(error));
  if (error instanceof IdentityError && error.advice !== undefined) {
    const finding = message.replace(error.advice, '').replace(/:\s*(?=\(|"|$)/, ' ');
    return { result: 'failed', finding: tidy(finding), advice: error.advice, code };
  }
  const [, before = message, said] = apiSays.exec(message) ?? [];
  const split = beginsAdvice.exec(before);
  const advice = split?.[1];
  const wrong = split === null ? before : before.slice(0, split.index);
  const finding = [wrong, said].filter((part) => part !== undefined && part !== '').join('. ');
  const passes = error instanceof IdentityError && error.retryable;
  const next = advice ?? (passes ? 'it may pass: run the check again in some minutes' : otherwise);
  return { result: 'failed', finding: tidy(finding), advice: sentence(next), code };
}

/** The row stands under the name of its tenant or sink: the message need not begin with it again. */
function withoutSubject(message: string): string {
  return message.replace(
    /^(?:sink \S+|tenant [^:,]+(?:, (?:\w+ API|application \S+|managed identity))?): /,
    '',
  );
}

function tidy(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;:]$/, '');
}

function sentence(text: string): string {
  const line = tidy(text);
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}.`;
}
