import { type AlertView, isEndpointAlert, type VisibleAlert } from './alert.ts';
import type { Directory } from './directory/directory.ts';
import type { InjectedRecords } from './injected.ts';
import type { World } from './world.ts';

/** Where Microsoft's own behaviour differs from tenant to tenant, or is not known: each way can be played. */
export interface Habits {
  /** Graph honours `$orderby`, or answers 400 (API reference §6.2). */
  orderBy: 'honoured' | 'refused';
  /** Which form the next links of Graph have. */
  nextLink: 'skiptoken' | 'skip';
  /** What a 429 carries. */
  retryAfter: 'seconds' | 'date' | 'absent';
  /** The SIEM API is switched off: it answers 410 or 404, or closes the connection. */
  siem: 'open' | 'gone' | 'not-found' | 'closed';
  /** The tenant has no licence: the Defender hosts answer 401, Graph 403 (API reference §2.5). */
  licensed: boolean;
}

/** The simulated tenant, as the APIs see it. */
export interface Tenant {
  readonly tenantId: string;
  readonly world: World;
  readonly injected: InjectedRecords;
  readonly habits: Habits;
  readonly directory: Directory;
}

/** Returns the habits that come nearest to what was last measured. */
export function usualHabits(): Habits {
  return {
    orderBy: 'honoured',
    nextLink: 'skiptoken',
    retryAfter: 'seconds',
    siem: 'open',
    licensed: true,
  };
}

/** Returns all that a renderer reads of `visible`. */
export function viewOf(tenant: Pick<Tenant, 'tenantId' | 'world'>, visible: VisibleAlert): AlertView {
  const cast = tenant.world.cast(visible.alert);
  const { chapter, chapterNumber } = visible.alert;
  const evidence = chapter.evidence(cast, cast.facts(chapterNumber));
  return {
    ...visible,
    cast,
    evidence: evidence.slice(0, Math.max(1, evidence.length - visible.state.evidenceHidden)),
    tenantId: tenant.tenantId,
  };
}

/** Returns the endpoint alerts that the Defender hosts show at `now`. */
export function endpointAlerts(tenant: Tenant, now: number): VisibleAlert[] {
  return tenant.world.visible(now).filter(({ alert }) => isEndpointAlert(alert));
}
