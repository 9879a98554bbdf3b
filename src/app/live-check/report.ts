import { ConnectorError, type FailureCode } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { abortable } from '../../sinks/abortable.ts';
import { remedyOf } from './remedy.ts';

/** How a finding is. `unknown`: it cannot be found out, and that is no fault; `not-tried`: what it needs has failed. */
export type Result = 'ok' | 'warning' | 'failed' | 'unknown' | 'not-tried';

/** What one look came to. */
export type Found =
  | { readonly result: 'ok' | 'unknown'; readonly finding: string }
  /** `advice`: what to do, as one sentence. */
  | { readonly result: 'warning'; readonly finding: string; readonly advice: string }
  | {
      readonly result: 'failed';
      readonly finding: string;
      readonly advice: string;
      readonly code: FailureCode;
    };

/** One line of the check. */
export interface Finding {
  /** The same at each check: `tenant.contoso.token.graph`. */
  readonly id: string;
  readonly result: Result;
  /** What was looked at, in words. */
  readonly what: string;
  readonly finding: string;
  /** What to do, as one sentence; there for each warning and failure. */
  readonly advice: string | undefined;
  /** Of a failure. */
  readonly code: FailureCode | undefined;
}

/** One look: its place in the report, and what must have gone well before it. */
export interface Look {
  /** The end of the finding's id. */
  readonly key: string;
  readonly what: string;
  /** Keys of findings without which there is nothing to be tried. */
  readonly needs?: readonly string[];
  /** What to do about an error that does not say it itself. */
  readonly otherwise: string;
  /** Longest time, ms; 30 s by default. */
  readonly limitMs?: number;
}

const usualLimitMs = 30_000;

/** Whom a report is about. */
export interface ReportOptions {
  /** Begins the ids: `tenant.contoso`. */
  readonly subject: string;
  readonly clock: Clock;
  /** What is tried ends when it aborts. */
  readonly signal: AbortSignal;
  /** The code of what did not answer in time, or failed in a way of its own. */
  readonly unreachable: Extract<FailureCode, 'API_UNREACHABLE' | 'SINK_UNREACHABLE'>;
}

/** What is found out about one tenant or sink, in the order in which it was looked at. */
export class Report {
  readonly #findings: Finding[] = [];
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Adds what was found. */
  add(key: string, what: string, found: Found): void {
    const { result, finding } = found;
    const advice = 'advice' in found ? found.advice : undefined;
    const code = 'code' in found ? found.code : undefined;
    this.#findings.push({ id: this.#idOf(key), result, what, finding, advice, code });
  }

  /** Adds an error as what was found. */
  fail(key: string, what: string, error: unknown, otherwise: string): void {
    this.add(key, what, remedyOf(error, otherwise, this.#options.unreachable));
  }

  /** Adds what could not be tried, since `before` has failed. */
  skip(key: string, what: string, before: string): void {
    this.#notTried(key, what, `needs: ${this.#unmet(before) ?? before}`);
  }

  /** Tries something within its time; an error is a finding too. Not tried where what it needs has failed. */
  async look(look: Look, act: (signal: AbortSignal) => Promise<Found>): Promise<void> {
    const { key, what, needs = [], limitMs = usualLimitMs } = look;
    const missing = needs.map((need) => this.#unmet(need)).find((unmet) => unmet !== undefined);
    if (missing !== undefined) {
      this.#notTried(key, what, `needs: ${missing}`);
      return;
    }
    try {
      this.#options.signal.throwIfAborted();
      this.add(key, what, await this.within(act, limitMs));
    } catch (error) {
      if (this.#options.signal.aborted) this.#notTried(key, what, 'the check was stopped');
      else this.fail(key, what, error, look.otherwise);
    }
  }

  /** Settles as `act` does; rejects with `unreachable` when its time is over, or when the check is stopped. */
  async within<Value>(act: (signal: AbortSignal) => Promise<Value>, limitMs: number): Promise<Value> {
    const { clock, signal, unreachable } = this.#options;
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const waiting = new AbortController();
    void clock.sleep(limitMs, waiting.signal).then(() => {
      if (!waiting.signal.aborted) over.abort(tookTooLong(limitMs, unreachable));
    });
    try {
      return await abortable(act(stop), stop);
    } finally {
      waiting.abort();
      over.abort();
    }
  }

  #notTried(key: string, what: string, finding: string): void {
    const id = this.#idOf(key);
    this.#findings.push({ id, result: 'not-tried', what, finding, advice: undefined, code: undefined });
  }

  /** Returns what of a finding is in the way of what needs it; undefined when nothing is. */
  #unmet(key: string): string | undefined {
    const found = this.#findings.find(({ id }) => id === this.#idOf(key));
    return found?.result === 'failed' || found?.result === 'not-tried' ? found.what : undefined;
  }

  #idOf(key: string): string {
    return `${this.#options.subject}.${key}`;
  }
}

function tookTooLong(limitMs: number, code: FailureCode): ConnectorError {
  return new ConnectorError(
    code,
    `there was no answer within ${Math.round(limitMs / 1000)} s: it has asked to wait, hangs, or a firewall drops the packets. ` +
      'Run it again later, with `log.level: debug` to see which.',
  );
}
