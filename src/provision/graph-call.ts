import { randomUUID } from 'node:crypto';
import { ConnectorError } from '../errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../http/client.ts';
import { connectionFailure, describeConnectionError } from '../http/connection-error.ts';
import { parseRetryAfter, senderNow } from '../http/retry-after.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { parseGraphError, quoted } from './graph-error-body.ts';
import { type GraphError, graphAdvice } from './graph-errors.ts';

/** What calls of Graph's directory work with. */
export interface GraphCallOptions {
  readonly http: HttpClient;
  /** Graph's origin in this cloud; the token goes nowhere else. */
  readonly origin: string;
  /** Returns a token that holds now. */
  readonly token: () => Promise<string>;
  readonly clock: Clock;
  /** Told when a wait is long enough for a person to wonder. */
  readonly tell?: ((line: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** One call. */
export interface GraphCall {
  readonly method: HttpRequest['method'];
  /** Path and query behind `/v1.0`, or a whole next link. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** What it is for, as in `cannot …`. */
  readonly doing: string;
  /** Who may, as in `it takes …`. */
  readonly takes: string;
  /** Refusals that the caller deals with. */
  readonly handles?: (error: GraphError) => boolean;
  /** For how long the directory may not know yet what the call is about, ms. */
  readonly patienceMs?: number;
  /** A write that must not be made again before a look at whether it took effect. */
  readonly once?: boolean;
}

/** An answer that was asked for: a success, or a refusal that the caller handles. */
export interface GraphReply {
  readonly body: unknown;
  /** The refusal; undefined for a success. */
  readonly error: GraphError | undefined;
}

/** A write without an answer, or with a failure that may have come after it took effect: look before it is repeated. */
export class UnsureWrite extends Error {
  readonly failure: ConnectorError;

  constructor(failure: ConnectorError) {
    super(failure.message, { cause: failure });
    this.name = 'UnsureWrite';
    this.failure = failure;
  }
}

/** How long a new object may be unknown to the next call, ms (reference §11.4). */
export const consistencyMs = 60_000;
/** Waits for throttling in all, ms, and tries for what may pass. */
const longestThrottleMs = 300_000;
const passingAttempts = 6;
const firstWaitMs = 1000;
const longestWaitMs = 10_000;
/** A wait from which on the person is told, ms. */
const wonderMs = 10_000;

const unknownYet =
  /does not reference a valid|not a valid reference update|does not exist or one of its|backing application of the service principal|not found in the directory|invalid object identifier/i;
const notThere = ['Request_ResourceNotFound', 'Directory_ObjectNotFound', 'ResourceNotFound', 'NotFound'];

/** Returns the time before the next try, ms: growing, the given number of tries in. */
export function pauseMs(tries: number): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** tries);
}

/** True where the directory may only not know yet what was just made. */
export function isUnknownYet(error: GraphError): boolean {
  if (error.status === 404) return notThere.includes(error.code) || error.code === '';
  if (error.details.includes('NoBackingApplicationObject')) return true;
  return (error.status === 400 || error.status === 403) && unknownYet.test(error.message);
}

/**
 * Makes one call of Graph's directory, again while it throttles, fails in passing or does not know yet what the call is
 * about. Throws `ConnectorError` (see `Directory`), `UnsureWrite` for a write that must not simply be made again, or the
 * signal's reason.
 */
export async function callGraph(options: GraphCallOptions, call: GraphCall): Promise<GraphReply> {
  const waits = new Waits(options, call);
  for (;;) {
    const token = await options.token();
    const answer = await exchange(options, call, token);
    if (answer instanceof ConnectorError) {
      if (answer.code !== 'API_UNREACHABLE') throw answer;
      if (call.once === true && !neverSent(answer)) throw new UnsureWrite(answer);
      await waits.passing(answer);
      continue;
    }
    if (answer.status >= 200 && answer.status < 300) return { body: bodyOf(answer, call), error: undefined };
    const error = parseGraphError(answer);
    if (call.handles?.(error) === true) return { body: undefined, error };
    const renewed = answer.status === 401 && (await options.token()) !== token;
    if (!renewed) await waits.after(answer, error, refusal(answer, error, call, token));
  }
}

/** The waits of one call; each throws the failure where there has been enough of its kind. */
class Waits {
  readonly #options: GraphCallOptions;
  readonly #call: GraphCall;
  readonly #startedMs: number;
  #passing = 0;
  #throttled = 0;
  #throttledMs = 0;
  #unknown = 0;

  constructor(options: GraphCallOptions, call: GraphCall) {
    this.#options = options;
    this.#call = call;
    this.#startedMs = elapsedMs(options.clock);
  }

  /** Waits as long as a refusal wants, or throws its failure. */
  after(answer: HttpResponse, error: GraphError, failure: ConnectorError): Promise<void> {
    if (answer.status === 429 || isBusy(error)) return this.#busy(answer, failure);
    if (answer.status >= 500 || answer.status === 408) {
      if (this.#call.once === true) throw new UnsureWrite(failure);
      return this.passing(failure, answer);
    }
    if (isUnknownYet(error)) return this.#unknownYet(failure);
    throw failure;
  }

  async passing(failure: ConnectorError, answer?: HttpResponse): Promise<void> {
    if (++this.#passing >= passingAttempts) throw failure;
    const ms = (answer && this.#asked(answer)) ?? pauseMs(this.#passing);
    await this.#wait(Math.min(ms, consistencyMs), 'the directory is not available');
  }

  async #busy(answer: HttpResponse, failure: ConnectorError): Promise<void> {
    const ms = Math.max(this.#asked(answer) ?? pauseMs(++this.#throttled), firstWaitMs);
    this.#throttledMs += ms;
    if (this.#throttledMs > longestThrottleMs) throw failure;
    await this.#wait(ms, 'the directory asks to wait');
  }

  async #unknownYet(failure: ConnectorError): Promise<void> {
    const spentMs = elapsedMs(this.#options.clock) - this.#startedMs;
    if (spentMs >= (this.#call.patienceMs ?? 0)) throw failure;
    await this.#wait(pauseMs(this.#unknown++), 'not all parts of the directory know yet what was just made');
  }

  #asked(answer: HttpResponse): number | undefined {
    return parseRetryAfter(answer.headers['retry-after'], senderNow(answer, this.#options.clock.now()));
  }

  async #wait(ms: number, why: string): Promise<void> {
    const { clock, signal, tell } = this.#options;
    if (ms >= wonderMs) tell?.(`${why}: waiting ${Math.ceil(ms / 1000)} s to ${this.#call.doing}`);
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
  }
}

/** Another change of the same object is under way: this one was not made. */
function isBusy({ code }: GraphError): boolean {
  return /ConcurrencyViolation/i.test(code);
}

async function exchange(
  { http, origin, signal }: GraphCallOptions,
  call: GraphCall,
  token: string,
): Promise<HttpResponse | ConnectorError> {
  const url = call.path.startsWith('/') ? `${origin}/v1.0${call.path}` : call.path;
  if (URL.parse(url)?.origin !== origin) {
    throw new ConnectorError(
      'API_FAILED',
      `cannot ${call.doing}: Graph's link leads to another host: no token is sent there`,
    );
  }
  try {
    return await http.request(
      {
        method: call.method,
        url,
        headers: {
          Accept: 'application/json',
          ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          'client-request-id': randomUUID(),
          Authorization: `Bearer ${token}`,
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      },
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    const words = describeConnectionError(error, url).replaceAll(token, '[secret]');
    const lasting = ['certificate', 'too-large'].includes(connectionFailure(error));
    return new ConnectorError(lasting ? 'API_FAILED' : 'API_UNREACHABLE', `cannot ${call.doing}: ${words}`, {
      cause: error,
    });
  }
}

/** A connection that was never made has changed nothing. */
function neverSent(error: ConnectorError): boolean {
  return ['refused', 'name-not-found', 'unreachable', 'tls', 'proxy'].includes(
    connectionFailure(error.cause),
  );
}

function bodyOf(answer: HttpResponse, call: GraphCall): unknown {
  if (answer.body.trim() === '') return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new ConnectorError(
      'API_FAILED',
      `cannot ${call.doing}: Graph's answer is no JSON: a gateway or a proxy in between has answered`,
      { status: answer.status },
    );
  }
}

function refusal(answer: HttpResponse, error: GraphError, call: GraphCall, token: string): ConnectorError {
  const { sentence, denied } = graphAdvice(error);
  const takes = denied && answer.status === 403 ? `; it takes ${call.takes}` : '';
  const words = `cannot ${call.doing}: ${sentence}${takes}. Graph: ${quoted(answer, error, token)}`;
  const passing = answer.status === 429 || answer.status >= 500;
  const code = denied ? 'PERMISSION_MISSING' : passing ? 'API_UNREACHABLE' : 'API_FAILED';
  return new ConnectorError(code, words.replaceAll(token, '[secret]'), { status: answer.status });
}
