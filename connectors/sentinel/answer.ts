import type { HttpResponse } from '../../src/http/client.ts';
import type { Verdict } from '../../src/sinks/http-delivery.ts';
import { configurationRetryMs, excerpt, originOf, verdictOf } from '../../src/sinks/http-verdict.ts';

/** What an answer is judged by, beside itself. */
export interface Asked {
  /** Where the request went. */
  readonly url: string;
  readonly rule: string;
  readonly stream: string;
  /** The tenant whose identity asked, by its name in the configuration. */
  readonly tenant: string;
  readonly token: string;
  /** `x-ms-client-request-id` of the request, by which Microsoft's support finds it. */
  readonly requestId: string;
  readonly nowMs: number;
}

/** Codes of a 400 that speak of the rule, the stream or the request, whatever the rows (formats reference §7.1). */
const configurationCodes: ReadonlySet<string> = new Set([
  'InvalidApiVersion',
  'InvalidContentEncoding',
  'InvalidContentType',
  'InvalidDataCollectionRule',
  'InvalidDcrImmutableId',
  'InvalidRuleId',
  'InvalidStream',
  'InvalidStreamName',
  'MissingApiVersion',
  'UnsupportedApiVersion',
]);

/** Returns what an answer of the Logs Ingestion API says of the rows in its request (formats reference §7.1). */
export function ingestionVerdict(response: HttpResponse, asked: Asked): Verdict {
  const { status, body } = response;
  if (status === 204) return { kind: 'accepted' };
  const { code, text } = readError(body);
  const words = `${originOf(asked.url)} answered ${status}`;
  const said = `${excerpt(text === '' ? 'nothing' : text, [asked.token])} (x-ms-client-request-id ${asked.requestId})`;
  const hint = adviceOf(status, code, asked);
  if (hint !== undefined) return slowly(`${words}${hint}. The API says${said}`);
  if (status === 400 && code !== undefined) return { kind: 'refused', reason: `${words}${said}` };
  const verdict = verdictOf(response, asked.url, asked.nowMs, [asked.token]);
  if (verdict.kind !== 'refused') return verdict;
  // A proxy's or another server's page says nothing of any row.
  return slowly(
    `${words}, but not as the Logs Ingestion API does: check \`endpoint\`, and any proxy in between. The answer is${said}`,
  );
}

/** Returns what a person has to do about an answer for which no row is to blame; undefined of any other answer. */
function adviceOf(
  status: number,
  code: string | undefined,
  { rule, stream, tenant }: Asked,
): string | undefined {
  if (status >= 200 && status < 300) {
    return ', but not as the Logs Ingestion API does, which answers 204: check `endpoint`';
  }
  switch (status) {
    case 400:
      if (code === undefined || !configurationCodes.has(code)) return undefined;
      return `, ${code}: check \`stream\` (${stream}; case matters) against the streams that the rule ${rule} declares, and \`rule\``;
    case 401:
      return `: the token of the tenant ${tenant} is not taken, nor is a new one: make \`tenant\` one of the directory and the cloud that the rule belongs to`;
    case 403:
      return `: the identity of the tenant ${tenant} may not write to the rule ${rule}: give it the role Monitoring Metrics Publisher on the data collection rule; a new role takes up to 30 minutes to work`;
    case 404:
      return `: there is no rule ${rule} at this endpoint: check \`rule\` (the immutable id, \`dcr-…\`, neither name nor resource id) and \`endpoint\` (the rule's own, or its data collection endpoint)`;
    default:
      return undefined;
  }
}

/** Returns code and words of an error as Azure writes it, `{"error":{"code":…,"message":…}}`; of anything else its text. */
function readError(body: string): { readonly code: string | undefined; readonly text: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = undefined;
  }
  const error = memberOf(answer, 'error');
  const code = memberOf(error, 'code');
  const message = memberOf(error, 'message');
  if (typeof code !== 'string') return { code: undefined, text: body };
  return { code, text: typeof message === 'string' ? `${code}: ${message}` : code };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function slowly(reason: string): Verdict {
  return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
}
