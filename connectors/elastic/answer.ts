import type { HttpResponse } from '../../src/http/client.ts';
import type { Verdict } from '../../src/sinks/http-delivery.ts';
import {
  configurationRetryMs,
  deferred,
  excerpt,
  originOf,
  verdictOf,
} from '../../src/sinks/http-verdict.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import { isObject, type JsonObject, objectIn } from './json-body.ts';

/** What Elasticsearch answered to a `_bulk` request. */
export type BulkAnswer =
  /** One outcome per document, in their order; `failureStore`: how many went to the failure store instead. */
  | { readonly kind: 'documents'; readonly outcomes: readonly Outcome[]; readonly failureStore: number }
  | Verdict;

/** How an answer is read. */
export interface AnswerContext {
  readonly url: string;
  readonly nowMs: number;
  /** Struck out where the answer repeats them. */
  readonly secrets: readonly string[];
}

/** What to do about a whole answer, or an item, that speaks of the configuration: no document is at fault. */
const advice: Readonly<Record<number, string>> = {
  401: 'the credentials are unknown: check `apiKey` or `basic`; an API key may have expired or been invalidated',
  403: 'the credentials may not write there: grant `create_doc` and `auto_configure` on the data stream, as in api-key.json',
  404: 'there is no such data stream, and none is made by itself: check the index template and `action.auto_create_index`',
  406: 'the content type is not understood: check `url`, which must be Elasticsearch itself, and any proxy in between',
  415: 'the content type is not understood: check `url`, which must be Elasticsearch itself, and any proxy in between',
};

/** Kinds of errors with status 400 that speak of the receiver's set-up. */
const setUpErrors: ReadonlySet<string> = new Set(['invalid_index_name_exception', 'index_closed_exception']);

/** Returns what an answer says of the documents in its request (formats reference §6.1). */
export function bulkAnswer(response: HttpResponse, documents: number, context: AnswerContext): BulkAnswer {
  const body = objectIn(response.body);
  if (response.status === 200 && Array.isArray(body?.items)) {
    // Counted first: of what another server makes up there may be millions.
    const told = body.items.length;
    if (told === documents) {
      const entries = body.items.map(entryOf);
      const outcomes = entries.map((entry) => outcomeOf(entry, response, context));
      return { kind: 'documents', outcomes, failureStore: entries.filter(wentToFailureStore).length };
    }
    return slowly(`${originOf(context.url)} told of ${told} documents where ${documents} were sent`);
  }
  return wholeAnswer(response, body, context);
}

/** Returns what an answer says that does not tell of each document: an error, or one that is not from Elasticsearch. */
export function wholeAnswer(
  response: HttpResponse,
  body: JsonObject | undefined,
  { url, nowMs, secrets }: AnswerContext,
): Verdict {
  const { status } = response;
  const error = errorIn(body);
  const said = error === undefined ? excerpt(response.body, secrets) : excerpt(error.text, secrets);
  const words = `${originOf(url)} answered ${status}`;
  const hint = advice[status];
  if (hint !== undefined && isElasticsearch(response, body))
    return slowly(`${words}: ${hint}${quoted(said)}`);
  const verdict = verdictOf(response, url, nowMs, secrets);
  if (verdict.kind === 'too-large') return verdict;
  if (verdict.kind === 'deferred')
    return error === undefined ? verdict : { ...verdict, reason: words + said };
  if (error !== undefined && verdict.kind === 'refused') return { kind: 'refused', reason: words + said };
  return slowly(`${words}, but not as Elasticsearch does: check \`url\`${said}`);
}

/** Tells whether Elasticsearch itself answered, and nobody before it. */
export function isElasticsearch(
  response: Pick<HttpResponse, 'headers'>,
  body: JsonObject | undefined,
): boolean {
  return response.headers['x-elastic-product'] !== undefined || errorIn(body) !== undefined;
}

/** What an item of the answer says, whatever its operation. */
interface Entry {
  readonly status: number;
  readonly error: { readonly type: string; readonly text: string } | undefined;
  readonly failureStore: unknown;
}

function entryOf(item: unknown): Entry {
  const [result] = isObject(item) ? Object.values(item) : [];
  const members = isObject(result) ? result : {};
  const status = typeof members.status === 'number' ? members.status : 0;
  return { status, error: errorIn(members), failureStore: members.failure_store };
}

function wentToFailureStore({ status, failureStore }: Entry): boolean {
  return status < 300 && failureStore === 'used';
}

function outcomeOf({ status, error }: Entry, response: HttpResponse, context: AnswerContext): Outcome {
  // A document with this id is there: an earlier request arrived whose answer did not.
  const isThere = status === 409 && error?.type === 'version_conflict_engine_exception';
  if ((status >= 200 && status < 300) || isThere) return { kind: 'accepted' };
  const said = excerpt(error?.text ?? '', context.secrets);
  const words = `${originOf(context.url)} answered ${status} for this document`;
  if (status === 429 || status >= 500) return deferred(response, words + said, context.nowMs);
  if (status === 400 && !isSetUp(error)) return { kind: 'rejected', reason: words + said };
  const hint =
    advice[status] ??
    'check the index template, its pipelines, `dataset`, and how many shards the cluster may have';
  return slowly(`${words}: ${hint}${quoted(said)}`);
}

/** What was said stands behind what is to be done about it, as `check --live` takes it apart. */
function quoted(said: string): string {
  return said === '' ? '' : `. The API says${said}`;
}

/** What is told by an `illegal_argument_exception`, like any bad document: no such pipeline, and no room for an index. */
const setUpWords =
  /^[^:]*: (pipeline with id \[[^\]]*\] does not exist|Validation Failed: 1: this action would add \[\d+\])/;

function isSetUp(error: Entry['error']): boolean {
  return error !== undefined && (setUpErrors.has(error.type) || setUpWords.test(error.text));
}

function slowly(reason: string): Extract<Outcome, { kind: 'deferred' }> {
  return { kind: 'deferred', reason, retryAfterMs: configurationRetryMs };
}

/** The error of an answer or item: its type, and in words with what caused it. */
function errorIn(members: JsonObject | undefined): Entry['error'] {
  const error = members?.error;
  if (!isObject(error)) return undefined;
  const cause = isObject(error.caused_by) ? `; ${wordsOf(error.caused_by)}` : '';
  return { type: textIn(error.type), text: `${wordsOf(error)}${cause}` };
}

function wordsOf(error: JsonObject): string {
  return [error.type, error.reason]
    .map(textIn)
    .filter((text) => text !== '')
    .join(': ');
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
