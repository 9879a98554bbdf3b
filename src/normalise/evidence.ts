import type { Evidence } from '../event.ts';
import { type JsonObject, knownOf, textOf, textsOf, timeOf } from './json-value.ts';

/** A piece of evidence while it is read. */
export type Draft = { -readonly [Field in keyof Evidence]: Evidence[Field] };

/** Reads the facets of one kind of evidence into the draft, which has its common part. */
export type FacetReader = (item: JsonObject, draft: Draft) => void;

type Facet = Exclude<
  keyof Evidence,
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

/** Returns the reader of evidence that has one facet. */
export function facet<Name extends Facet>(
  name: Name,
  read: (item: JsonObject, roles: readonly string[]) => Evidence[Name],
): FacetReader {
  return (item, draft) => {
    draft[name] = read(item, draft.roles);
  };
}

/**
 * Reads the common part (API reference §6.4); `type` and `created` differ from one API to the other. All facets stand in
 * the draft from the beginning, so that evidence of every kind is one shape to those who read it.
 */
export function draftOf(item: JsonObject, type: string, created: unknown): Draft {
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
    device: undefined,
    user: undefined,
    file: undefined,
    process: undefined,
    network: undefined,
    url: undefined,
    domainName: undefined,
    registry: undefined,
    message: undefined,
    mailbox: undefined,
    cloudResource: undefined,
    application: undefined,
    container: undefined,
    group: undefined,
    mailCluster: undefined,
  };
}
