import type { Clock } from '../runtime/clock.ts';
import { type Budget, limitsOf } from './limits.ts';
import { createQuota, type Quota } from './quota.ts';

/** Whom Microsoft counts calls for: one application in one directory. */
export interface QuotaOwner {
  /** GUID of the directory. */
  readonly tenantId: string;
  /** Undefined for a system-assigned managed identity. */
  readonly clientId?: string | undefined;
}

/** The budgets of this process: one for each directory, application and API, shared by all that call it. */
export interface Quotas {
  /** Returns the one budget of this owner; the same object each time, whatever tenant of the configuration asks. */
  quotaFor(owner: QuotaOwner, budget: Budget): Quota;
}

/** Returns an empty registry; make one for the process. */
export function createQuotas(clock: Clock): Quotas {
  const quotas = new Map<string, Quota>();
  return {
    quotaFor(owner, budget) {
      const key = JSON.stringify([owner.tenantId.toLowerCase(), owner.clientId?.toLowerCase(), budget]);
      const known = quotas.get(key);
      if (known !== undefined) return known;
      const quota = createQuota(limitsOf(budget), clock);
      quotas.set(key, quota);
      return quota;
    },
  };
}
