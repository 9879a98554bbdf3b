import { randomUUID } from 'node:crypto';
import { ConnectorError, type FailureCode } from '../errors.ts';
import type { Api } from '../identity/clouds.ts';
import type { TokenProvider } from '../identity/token-provider.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ApiAnswer } from './api-answer.ts';
import { judgeAnswer, judgeFailure, type Verdict } from './api-verdict.ts';
import type { HttpClient, HttpRequest, ReceivedResponse } from './client.ts';
import type { Priority, Quota } from './quota.ts';
import { redactUrl } from './redact-url.ts';
import { throttledFor } from './throttle.ts';

/** How one call is made. */
export interface ApiCall {
  readonly signal: AbortSignal;
  /** `live` when not given. */
  readonly priority?: Priority;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that the caller deals with: they are answers, not errors. */
  readonly expect?: readonly number[];
  /** The permission that this call needs, for the message of a 403. */
  readonly permission?: string;
  /** True for a call that finds out whether it is answered at all: few attempts, and a short time for each. */
  readonly brief?: boolean;
}

/** Authorised, throttled, retried calls of one API of one tenant. */
export interface ApiClient {
  /**
   * Returns the answer: 2xx with JSON, or one of the expected statuses. Throws `ConnectorError`: API_FAILED (also for
   * a URL that a token may not go to), API_UNREACHABLE, API_RETIRED, PERMISSION_MISSING, IDENTITY_REFUSED,
   * IDENTITY_UNAVAILABLE; or the signal's reason.
   */
  get(url: string, call: ApiCall): Promise<ApiAnswer>;
  /** The same for a read that is made by POST (hunting): `json` is the body. Not for writes, since it is retried. */
  post(url: string, json: string, call: ApiCall): Promise<ApiAnswer>;
}

/** How often, and after which waits, a call that failed is made again. */
export interface RetryOptions {
  /** Calls in all, for connections lost, 5xx and answers that are no JSON. */
  readonly attempts: number;
  /** Calls in all that may end in 429. */
  readonly throttledAttempts: number;
  /** Calls in all that may end for want of a whole answer in time. */
  readonly slowAttempts: number;
  /** Calls in all of a brief one (a single one when it is too slow), and how long each may take, ms. */
  readonly briefAttempts: number;
  readonly briefTimeoutMs: number;
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
}

const defaultRetry: RetryOptions = {
  attempts: 5,
  throttledAttempts: 6,
  slowAttempts: 3,
  briefAttempts: 2,
  briefTimeoutMs: 15_000,
  firstBackoffMs: 1000,
  longestBackoffMs: 60_000,
};

/** What a client works with. */
export interface ApiClientOptions {
  /** The tenant's name in the configuration. */
  readonly tenant: string;
  readonly api: Api;
  readonly tokens: TokenProvider;
  readonly http: HttpClient;
  readonly quota: Quota;
  /** Origins that the token may be sent to: `allowedHosts(api, endpoints)`. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry?: Partial<RetryOptions>;
}

/** After a 403 the token is renewed at most this often, ms: a permission granted now shows in new tokens only. */
const forbiddenRenewalMs = 300_000;
/** A longer Retry-After of a 5xx is cut to this, ms: the next poll comes anyway. */
const longestNamedWaitMs = 300_000;
const mostRedirects = 3;

/** Returns the client of one API of one tenant. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const client = new AuthorisedClient(options);
  return {
    get: (url, call) => client.call({ method: 'GET', call }, url),
    post: (url, json, call) => client.call({ method: 'POST', body: json, call }, url),
  };
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly call: ApiCall;
}

/** What has happened to one call so far, and where it goes now. */
interface Progress {
  url: string;
  /** Of the last answer; undefined when there was none. */
  status: number | undefined;
  token: string;
  passing: number;
  slow: number;
  throttled: number;
  redirected: number;
  unauthorised: number;
  blocked: number;
}

class AuthorisedClient {
  readonly #options: ApiClientOptions;
  readonly #retry: RetryOptions;
  #forbiddenRenewedAtMs = Number.NEGATIVE_INFINITY;
  /** True from a 429 until the API has answered something else. */
  #slowedDown = false;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#retry = { ...defaultRetry, ...options.retry };
  }

  async call(request: Request, url: string): Promise<ApiAnswer> {
    const progress: Progress = {
      url,
      status: undefined,
      token: '',
      passing: 0,
      slow: 0,
      throttled: 0,
      redirected: 0,
      unauthorised: 0,
      blocked: 0,
    };
    for (;;) {
      this.#checkHost(progress);
      const verdict = await this.#attempt(request, progress);
      if (verdict.kind === 'answer') return verdict.answer;
      const waitMs = this.#prepareNext(verdict, progress, request.call.brief === true);
      if (waitMs > 0) await this.#options.clock.sleep(waitMs, request.call.signal);
      request.call.signal.throwIfAborted();
    }
  }

  /** No token leaves for a host that is not this API's, nor in the clear (reference §2.2). */
  #checkHost(progress: Progress): void {
    const { allowedHosts, api } = this.#options;
    const origin = URL.parse(progress.url)?.origin;
    if (origin?.startsWith('https://') && allowedHosts.has(origin)) return;
    const where = origin === undefined || origin === 'null' ? 'no URL' : origin;
    throw this.#error(
      'API_FAILED',
      progress,
      `the link leads to ${where}, which is not a host of this API: no token is sent there; if it is right, name it in \`endpoints.${api}\``,
    );
  }

  async #attempt(request: Request, progress: Progress): Promise<Verdict> {
    const { quota, api, tenant, clock } = this.#options;
    const { signal, priority = 'live', expect = [], permission } = request.call;
    let answer: ReceivedResponse;
    progress.status = undefined;
    try {
      answer = await quota.run(() => this.#exchange(request, progress), { priority, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectorError) throw error;
      return judgeFailure(error, { api, url: progress.url });
    }
    const { url, token } = progress;
    progress.status = answer.status;
    if (answer.status !== 429) this.#slowedDown = false;
    return judgeAnswer(answer, { api, url, token, expect, permission, tenant, nowMs: clock.now() });
  }

  async #exchange(request: Request, progress: Progress): Promise<ReceivedResponse> {
    const { tokens, api, http, log, clock, tenant } = this.#options;
    const { signal, headers } = request.call;
    // Asked for here, after the wait for the quota, which may be longer than a token holds.
    progress.token = await tokens.token(api, signal);
    const startedMs = elapsedMs(clock);
    const httpRequest: HttpRequest = {
      method: request.method,
      url: progress.url,
      headers: {
        Accept: 'application/json',
        ...headers,
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(api === 'graph' ? { 'client-request-id': randomUUID() } : {}),
        Authorization: `Bearer ${progress.token}`,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.call.brief === true ? { timeoutMs: this.#retry.briefTimeoutMs } : {}),
    };
    const answer = await http.request(httpRequest, signal);
    const facts = { tenant, api, url: withoutToken(progress.url, progress.token), status: answer.status };
    log.debug(
      { ...facts, ms: elapsedMs(clock) - startedMs, requestId: answer.headers['request-id'] },
      'API called',
    );
    return answer;
  }

  /** Returns how long to wait before the next exchange, ms, or throws when there is to be none. */
  #prepareNext(verdict: Exclude<Verdict, { kind: 'answer' }>, progress: Progress, brief: boolean): number {
    const { token } = progress;
    const { tokens, api } = this.#options;
    switch (verdict.kind) {
      case 'final':
        if (verdict.code === 'PERMISSION_MISSING') this.#renewAfterForbidden(token);
        throw this.#error(verdict.code, progress, verdict.words);
      case 'redirect':
        if (verdict.to === undefined || ++progress.redirected > mostRedirects) {
          throw this.#error('API_FAILED', progress, `a redirect that leads nowhere: ${verdict.words}`);
        }
        progress.url = verdict.to;
        return 0;
      case 'unauthorised':
        tokens.invalidate(api, token);
        if (++progress.unauthorised === 1) return 0;
        throw this.#error(
          'IDENTITY_REFUSED',
          progress,
          `even a fresh token is refused: check \`cloud\`, the audience, and the clock of this machine. The API says: ${verdict.words}`,
        );
      case 'blocked':
        if (++progress.blocked === 1) return this.#backoffMs(1);
        throw this.#error(
          'API_FAILED',
          progress,
          `a gateway or a proxy in between refuses the call; allow this host there: ${verdict.words}`,
        );
      case 'throttled':
        return this.#throttle(verdict, progress);
      case 'passing':
        progress.passing++;
        if (verdict.slow === true) progress.slow++;
        if (this.#isOver(progress, brief)) {
          throw this.#error(
            verdict.code,
            progress,
            `${verdict.words}; given up after ${progress.passing} attempts`,
          );
        }
        return verdict.waitMs === undefined
          ? this.#backoffMs(progress.passing)
          : Math.min(verdict.waitMs, longestNamedWaitMs);
    }
  }

  #isOver({ passing, slow }: Progress, brief: boolean): boolean {
    const { attempts, slowAttempts, briefAttempts } = this.#retry;
    if (brief) return passing >= Math.min(briefAttempts, attempts) || slow > 0;
    return passing >= attempts || slow >= slowAttempts;
  }

  /** Pauses the budget for all who share it; the wait itself happens in the quota. */
  #throttle(verdict: Extract<Verdict, { kind: 'throttled' }>, progress: Progress): number {
    const { quota, clock, log, tenant, api } = this.#options;
    progress.throttled++;
    const waitMs = throttledFor(verdict.answer, progress.url, progress.throttled, clock);
    quota.pauseFor(waitMs);
    const facts = { tenant, api, waitMs, answer: verdict.words };
    if (this.#slowedDown) log.debug(facts, 'API asks again to slow down');
    else log.warn(facts, 'API asked to slow down; its callers wait');
    this.#slowedDown = true;
    if (progress.throttled < this.#retry.throttledAttempts) return 0;
    throw this.#error(
      'API_FAILED',
      progress,
      `throttled ${progress.throttled} times: another program may use the same application. The API says: ${verdict.words}`,
    );
  }

  #renewAfterForbidden(token: string): void {
    const { tokens, api, clock } = this.#options;
    const nowMs = elapsedMs(clock);
    if (nowMs - this.#forbiddenRenewedAtMs < forbiddenRenewalMs) return;
    this.#forbiddenRenewedAtMs = nowMs;
    tokens.invalidate(api, token);
  }

  /** Full jitter: from 0 to a ceiling that doubles with each failure. */
  #backoffMs(failures: number): number {
    const { firstBackoffMs, longestBackoffMs } = this.#retry;
    return this.#options.clock.random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1));
  }

  #error(code: FailureCode, { url, status, token }: Progress, words: string): ConnectorError {
    const { tenant, api } = this.#options;
    const shown = withoutToken(url, token);
    return new ConnectorError(
      code,
      `tenant ${tenant}, ${api} API: ${words.includes(shown) ? words : `${shown}: ${words}`}`,
      { status },
    );
  }
}

/** What of an address may be told: an answer that redirects can have put anything into it, the token too. */
function withoutToken(url: string, token: string): string {
  const shown = redactUrl(url);
  return token === '' ? shown : shown.replaceAll(token, '[secret]');
}
