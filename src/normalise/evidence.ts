import type { Evidence } from '../event.ts';
import { type JsonObject, knownOf, textOf, textsOf, timeOf } from './json-value.ts';

/** What every piece of evidence has, whatever its kind. */
export type EvidenceCommon = Pick<
  Evidence,
  | 'type'
  | 'created'
  | 'verdict'
  | 'remediationStatus'
  | 'remediationDetails'
  | 'detectionStatus'
  | 'roles'
  | 'detailedRoles'
  | 'tags'
>;

/** What a piece of evidence shows: the facets of its kind, each undefined when it says nothing. */
export type Facets = {
  -readonly [Facet in keyof Omit<Evidence, keyof EvidenceCommon>]: Evidence[Facet] | undefined;
};

/** Reads the facets of one kind of evidence; `roles` are those of its common part. */
export type FacetReader = (item: JsonObject, roles: readonly string[]) => Facets;

/** Reads the common part (API reference §6.4); `type` and `created` differ from one API to the other. */
export function commonOf(item: JsonObject, type: string, created: unknown): EvidenceCommon {
  return {
    type,
    created: timeOf(created),
    // As sent, `unknown` included: it ranks between suspicious and noThreatsFound (formats reference §11.4).
    verdict: textOf(item.verdict),
    remediationStatus: knownOf(item.remediationStatus),
    remediationDetails: textOf(item.remediationStatusDetails),
    detectionStatus: knownOf(item.detectionStatus),
    roles: textsOf(item.roles),
    detailedRoles: textsOf(item.detailedRoles),
    tags: textsOf(item.tags),
  };
}

/** Returns the evidence of a common part and the facets that say something. */
export function evidenceFrom(common: EvidenceCommon, facets: Facets): Evidence {
  const evidence: Record<string, unknown> & EvidenceCommon = { ...common };
  for (const name in facets) {
    const facet = facets[name as keyof Facets];
    if (facet !== undefined) evidence[name] = facet;
  }
  return evidence;
}
