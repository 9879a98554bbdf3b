import type { Instant } from '../fields/instant.ts';
import type { Cast, Chapter, EvidenceItem, ServiceSource, StorySeverity } from './stories/story.ts';

/** A remark of an analyst. */
export interface AlertComment {
  readonly text: string;
  readonly by: string;
  readonly at: Instant;
}

/** One state of an alert: all that changes. Enumerations are in Graph's words. */
export interface AlertState {
  /** In steps of 1/300 s. */
  readonly updated: Instant;
  /** From when on the APIs show this state, ms since 1970. */
  readonly visibleAt: number;
  readonly status: 'new' | 'inProgress' | 'resolved';
  readonly severity: StorySeverity;
  readonly assignedTo: string | null;
  readonly classification: 'truePositive' | 'falsePositive' | 'informationalExpectedActivity' | null;
  readonly determination: string | null;
  readonly investigationState: string | null;
  readonly incidentId: number;
  readonly comments: readonly AlertComment[];
  /** How many of the last pieces of evidence are not yet known. */
  readonly evidenceHidden: number;
  readonly resolved: Instant | null;
}

/** An alert of the simulated world. Small: all that a story tells is read from its chapter when it is asked for. */
export interface SimulatedAlert {
  /** The provider's id, without the service's two letters. */
  readonly providerId: string;
  /** The id in Graph, and on the Defender hosts. */
  readonly id: string;
  readonly chapter: Chapter;
  readonly chapterNumber: number;
  /** The seed of this telling of the story. */
  readonly telling: string;
  readonly created: Instant;
  readonly firstActivity: Instant;
  /** Oldest first. */
  readonly states: [AlertState, ...AlertState[]];
  /** Which variant of hostile text it carries (0 for none). */
  readonly hostile: number;
}

/** One part of an alert as the SIEM API tells it; it never changes. */
export interface SimulatedDetection {
  readonly alert: SimulatedAlert;
  readonly part: number;
  readonly processed: Instant;
  readonly visibleAt: number;
}

/** An alert in the state that an API shows now. */
export interface VisibleAlert {
  readonly alert: SimulatedAlert;
  readonly state: AlertState;
}

/** All that a renderer reads. */
export interface AlertView extends VisibleAlert {
  readonly cast: Cast;
  readonly evidence: readonly EvidenceItem[];
  readonly tenantId: string;
}

/** The two letters before the provider's id, by service (API reference §6.3). */
export const idPrefixes: Readonly<Record<ServiceSource, string>> = {
  microsoftDefenderForEndpoint: 'da',
  microsoftDefenderForIdentity: 'aa',
  microsoftDefenderForCloudApps: 'ca',
  microsoftDefenderForOffice365: 'fa',
  microsoft365Defender: 'ra',
  azureAdIdentityProtection: 'ad',
  dataLossPrevention: 'dl',
  microsoftDefenderForCloud: 'dc',
  microsoftSentinel: 'sn',
};

/** Returns the state that is visible at `now` (ms since 1970); undefined while none is. */
export function visibleState(alert: SimulatedAlert, now: number): AlertState | undefined {
  const { states } = alert;
  for (let index = states.length - 1; index >= 0; index -= 1) {
    const state = states[index];
    if (state !== undefined && state.visibleAt <= now) return state;
  }
  return undefined;
}

/** Returns every state that was visible at some time up to `now`: one that a later state overtook never was. */
export function statesSeen(alert: SimulatedAlert, now: number): readonly AlertState[] {
  return alert.states.filter(
    (state, index) =>
      state.visibleAt <= now &&
      alert.states.slice(index + 1).every((newer) => newer.visibleAt > state.visibleAt),
  );
}

/** True when the Defender for Endpoint and SIEM APIs know the alert: they know endpoint alerts only. */
export function isEndpointAlert(alert: SimulatedAlert): boolean {
  return alert.chapter.service === 'microsoftDefenderForEndpoint';
}
