import type { ApiName } from './api.ts';
import type { PagingTwist } from './exchange.ts';
import type { Random } from './random.ts';

/** Who can be made to fail: an API, the token endpoint, or all. */
export type FaultTarget = ApiName | 'token' | '*';

/** What goes wrong. */
export type FaultKind =
  /** The status `status` (500, 502, 503, 504 or any), with the family's error body. */
  | { readonly kind: 'status'; readonly status: number }
  /** 429 as if a quota was over, whatever the counts. */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number }
  /** 206 with a `Warning` header: the answer is not complete. */
  | { readonly kind: 'partial' }
  /** The connection is reset: before anything was sent, or after the headers and half of the body. */
  | { readonly kind: 'reset'; readonly when: 'before-headers' | 'after-headers' }
  /** The body ends in the middle, but the message is complete. */
  | { readonly kind: 'truncated-json' }
  /** A page of a gateway in between. */
  | { readonly kind: 'html'; readonly status: 200 | 403 }
  | { readonly kind: 'empty-body' }
  /** Pauses of `pauseMs` between pieces of the body. */
  | { readonly kind: 'slow-body'; readonly pauseMs: number }
  /** `Content-Length` is more than what comes. */
  | { readonly kind: 'wrong-length' }
  /** 401, as if the token had expired, although it has not. */
  | { readonly kind: 'unauthorized' }
  /** The next link, or the following of it, is wrong. */
  | { readonly kind: PagingTwist }
  /** The token endpoint refuses with this AADSTS code. */
  | { readonly kind: 'aadsts'; readonly code: number };

/** A fault, and when it strikes. */
export type Fault = FaultKind & {
  readonly target: FaultTarget;
  /** How many calls it strikes; without it, all that `probability` picks. */
  readonly times?: number;
  /** 0 to 1; without it, every call. */
  readonly probability?: number;
  /** Only calls that follow a next link or skip: in the middle of paging. */
  readonly whilePaging?: boolean;
};

/** Which faults are to come; each call asks for its own. */
export class FaultBook {
  readonly #random: Random;
  #faults: { readonly fault: Fault; left: number }[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Adds a fault; several for one target strike one after the other. */
  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Ends the faults of `target`, or all. */
  clear(target?: FaultTarget): void {
    this.#faults = this.#faults.filter(({ fault }) => target !== undefined && fault.target !== target);
  }

  /** Returns the faults that have not struck out. */
  list(): readonly Fault[] {
    return this.#faults.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : fault));
  }

  /** Returns the fault that strikes this call, if any, and counts it down. */
  strike(target: ApiName | 'token', paging: boolean): Fault | undefined {
    const struck = this.#faults.find(
      ({ fault }) =>
        (fault.target === '*' || fault.target === target) &&
        (fault.kind !== 'aadsts' || target === 'token') &&
        (paging || (fault.whilePaging !== true && fault.kind !== 'expired-next-link')) &&
        (fault.probability === undefined || this.#random.chance(fault.probability)),
    );
    if (struck === undefined) return undefined;
    struck.left -= 1;
    if (struck.left <= 0) this.#faults = this.#faults.filter((candidate) => candidate !== struck);
    return struck.fault;
  }
}
