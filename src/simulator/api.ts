import type { ErrorForm } from './error-bodies.ts';
import type { Answer, ApiRequest } from './exchange.ts';
import type { Caller } from './identity/access-token.ts';
import type { Tenant } from './tenant.ts';

/** The names by which faults, quotas and counts know an API. */
export type ApiName = 'graph-alerts' | 'defender-alerts' | 'siem-detections' | 'directory';

/** Calls a minute and an hour that one application may make in one tenant; undefined for no bound. */
export interface Quota {
  readonly perMinute?: number | undefined;
  readonly perHour?: number | undefined;
}

/** One API: which paths are its, who may call, how often, and what it answers. */
export interface SimulatedApi {
  readonly name: ApiName;
  /** The SIEM API has the same path as another, so it listens on its own port. */
  readonly listener: 'main' | 'siem';
  /** True when `path`, as sent, is one of its own. */
  owns(path: string): boolean;
  readonly errors: ErrorForm;
  /** Tokens for these audiences are taken (API reference §1.3). */
  readonly audiences: readonly string[];
  /** One of these must be among the token's roles; with none listed, none is needed, or the API itself decides. */
  readonly roles: readonly string[];
  /** The same for the delegated permissions of a person's token; the person also needs a role that shows alerts. */
  readonly scopes: readonly string[];
  /** False where the tenant's licence for Defender does not matter. */
  readonly licensed: boolean;
  /** API reference §1.4. */
  readonly quota: Quota;
  /** Bounds some calls further, each kind by its name; not where the API's own quota is replaced. */
  narrowerQuota?(request: ApiRequest): { readonly name: string; readonly quota: Quota } | undefined;
  /** What a tenant in which the API is switched off answers before all else, or that the connection is closed. */
  retired?(request: ApiRequest, tenant: Tenant): Answer | 'closed' | undefined;
  /** Answers a call with a good token. */
  answer(request: ApiRequest, tenant: Tenant, caller: Caller): Answer;
}
