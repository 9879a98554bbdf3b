import type { Evidence } from '../../event.ts';
import type { EventDraft } from './event-draft.ts';
import { ownEvidence } from './evidence.ts';
import { list, member } from './json.ts';
import { addUnmapped, unmappedOfActivities } from './unmapped.ts';

/** Facets that the class of an event has told already. */
export type ToldFacets = readonly (keyof Evidence)[];

/** Puts under `unmapped` what only findings have a place for, and every facet that was not `told`. */
export function addRest(draft: EventDraft, told: ToldFacets = []): void {
  const { event } = draft;
  addUnmapped(draft, unmappedOfActivities);
  const untold = { ...event };
  for (const facet of told) Object.assign(untold, { [facet]: undefined });
  const own = ownEvidence(untold);
  const items = own === undefined ? event.evidence : [own, ...event.evidence];
  const written = items.map((item, index) => draft.evidence(item, index).json);
  draft.unmapped += member('evidences', list(written));
}
