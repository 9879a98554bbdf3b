import type { Evidence, SecurityEvent } from '../../event.ts';

/** Facets of an event that are evidence of what it tells; its device and user stand in the event itself. */
const ownFacets = [
  ...(['file', 'process', 'network', 'url', 'domainName', 'registry', 'message', 'mailbox'] as const),
  ...(['cloudResource', 'application', 'container', 'group'] as const),
];
type OwnFacet = (typeof ownFacets)[number];

/** Facets that the class of an event has told already. */
export type ToldFacets = readonly OwnFacet[];

const nothing: ToldFacets = [];

/**
 * Returns what the event tells beside its evidence, and but for what was `told`, as a piece of its own: all of a
 * detection, nothing of an alert whose facts are those of its evidence.
 */
export function ownEvidence(event: SecurityEvent, told: ToldFacets = nothing): Evidence | undefined {
  let own: Record<string, unknown> | undefined;
  // Its file may be the image of its process, which it tells with it.
  const { process } = event;
  const ownsProcess = process !== undefined && !told.includes('process') && !isTold(event.evidence, process);
  for (const facet of ownFacets) {
    const value = event[facet];
    if (value === undefined || told.includes(facet)) continue;
    if (facet === 'process' ? !ownsProcess : isTold(event.evidence, value)) continue;
    if (ownsProcess && value === process.image) continue;
    own ??= {};
    own[facet] = value;
  }
  if (own === undefined) return undefined;
  const user = own.group === undefined && own.mailbox === undefined ? undefined : event.user;
  return {
    type: event.category ?? event.kind,
    created: undefined,
    verdict: event.verdict,
    remediationStatus: undefined,
    remediationDetails: undefined,
    detectionStatus: undefined,
    roles: [],
    detailedRoles: [],
    tags: [],
    ...(user === undefined ? {} : { user }),
    ...own,
  };
}

/** True of what a piece of evidence tells: the same object, or the same text. */
function isTold(evidence: readonly Evidence[], value: unknown): boolean {
  for (const item of evidence) {
    if (item.process?.image === value) return true;
    for (const facet of ownFacets) if (item[facet] === value) return true;
  }
  return false;
}
