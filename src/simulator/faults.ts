import type { ApiName } from './api.ts';
import type { PagingTwist } from './exchange.ts';
import type { Random } from './random.ts';

/** What can be made to fail: an API, or where tokens are given. */
export type StruckTarget = ApiName | 'token' | 'managed-identity';

/** Who can be made to fail: one of them, or all. */
export type FaultTarget = StruckTarget | '*';

/** What goes wrong. */
export type FaultKind =
  /**
   * The status `status` (500, 502, 503, 504 or any), with the family's error body; `code` and `message` in place of the
   * usual ones. With `tookEffect` the call has done its work all the same.
   */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly tookEffect?: boolean;
    }
  /** 429 as if a quota was over, whatever the counts. */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number }
  /** 206 with a `Warning` header: the answer is not complete. */
  | { readonly kind: 'partial' }
  /** The same with status 200. */
  | { readonly kind: 'warning' }
  /** The connection is reset: before anything was sent, or after the headers and half of the body. */
  | { readonly kind: 'reset'; readonly when: 'before-headers' | 'after-headers' }
  /** The body ends in the middle, but the message is complete. */
  | { readonly kind: 'truncated-json' }
  /** The body begins and ends as it should, but one record in it is no JSON: that of `onlyAlert`, else the first. */
  | { readonly kind: 'broken-json' }
  /** A page of a gateway in between. */
  | { readonly kind: 'html'; readonly status: 200 | 403 }
  | { readonly kind: 'empty-body' }
  /** Pauses of `pauseMs` between pieces of the body. */
  | { readonly kind: 'slow-body'; readonly pauseMs: number }
  /** The body trickles, a byte each `pauseMs` of real time, and never ends. */
  | { readonly kind: 'slow-drip'; readonly pauseMs: number }
  /** `Content-Length` is more than what comes. */
  | { readonly kind: 'wrong-length' }
  /** 401, as if the token had expired, although it has not. */
  | { readonly kind: 'unauthorized' }
  /** The next link, or the following of it, is wrong. */
  | { readonly kind: PagingTwist }
  /** The token endpoint, also when a device code is asked for, or the managed identities' refuses with this AADSTS code. */
  | { readonly kind: 'aadsts'; readonly code: number };

/** A fault, and when it strikes. */
export type Fault = FaultKind & {
  readonly target: FaultTarget;
  /** Id of the tenant whose calls it strikes; without it, those of all. */
  readonly tenant?: string;
  /** How many calls it strikes; without it, all that `probability` picks. */
  readonly times?: number;
  /** 0 to 1; without it, every call. */
  readonly probability?: number;
  /** Only calls whose method and path, as in `POST /v1.0/applications`, hold this text. */
  readonly onlyCall?: string;
  /** Only calls that follow a next link or skip: in the middle of paging. */
  readonly whilePaging?: boolean;
  /** Only answers that would show the alert with this id. */
  readonly onlyAlert?: string;
  /** Only calls that ask for evidence to be put in (`$expand`). */
  readonly onlyExpanded?: boolean;
  /** Only calls for one object, by its id. */
  readonly onlySingle?: boolean;
  /** Only lists of which more than this are asked for. */
  readonly onlyTopAbove?: number;
};

/** What a fault may depend on in a call. */
export interface Call {
  /** Id of the tenant. */
  readonly tenant: string;
  /** Method and path, as in `POST /v1.0/applications`. */
  readonly line: string;
  /** True when it follows a next link or skips. */
  readonly paging: boolean;
  readonly expanded: boolean;
  readonly single: boolean;
  /** How many records it asks for at most; undefined when it does not say. */
  readonly top: number | undefined;
  /** Whether its answer shows the alert with this id. */
  shows(id: string): boolean;
}

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

  /** Ends the faults of `target`, or all; with `tenant` only those that are made for this one. */
  clear(target?: FaultTarget, tenant?: string): void {
    this.#faults = this.#faults.filter(
      ({ fault }) =>
        (target !== undefined && fault.target !== target) ||
        (tenant !== undefined && !isOf(fault.tenant, tenant)),
    );
  }

  /** Returns the faults that have not struck out. */
  list(): readonly Fault[] {
    return this.#faults.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : fault));
  }

  /** Returns the fault that strikes this call, if any, and counts it down. */
  strike(target: StruckTarget, call: Call): Fault | undefined {
    const struck = this.#faults.find(
      ({ fault }) =>
        (fault.target === '*' || fault.target === target) &&
        (fault.kind !== 'aadsts' || target === 'token' || target === 'managed-identity') &&
        (call.paging || (fault.whilePaging !== true && fault.kind !== 'expired-next-link')) &&
        concerns(fault, call) &&
        (fault.probability === undefined || this.#random.chance(fault.probability)),
    );
    if (struck === undefined) return undefined;
    struck.left -= 1;
    if (struck.left <= 0) this.#faults = this.#faults.filter((candidate) => candidate !== struck);
    return struck.fault;
  }
}

function isOf(tenant: string | undefined, other: string): boolean {
  return tenant?.toLowerCase() === other.toLowerCase();
}

function concerns(fault: Fault, call: Call): boolean {
  if (fault.tenant !== undefined && !isOf(fault.tenant, call.tenant)) return false;
  const { onlyAlert, onlyCall, onlyExpanded, onlySingle, onlyTopAbove } = fault;
  if (onlyCall !== undefined && !call.line.includes(onlyCall)) return false;
  if (onlyExpanded === true && !call.expanded) return false;
  if (onlySingle === true && !call.single) return false;
  if (onlyTopAbove !== undefined && (call.single || (call.top ?? Number.POSITIVE_INFINITY) <= onlyTopAbove)) {
    return false;
  }
  return onlyAlert === undefined || call.shows(onlyAlert);
}
