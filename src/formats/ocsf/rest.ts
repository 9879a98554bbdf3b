import type { EventDraft } from './event-draft.ts';
import { list } from './json.ts';
import { ownEvidence, type ToldFacets } from './own-evidence.ts';
import { addUnmapped, unmappedOfActivities } from './unmapped.ts';

/** Puts under `unmapped` what only findings have a place for, and every facet that was not `told`. */
export function addRest(draft: EventDraft, told: ToldFacets = []): void {
  const { event } = draft;
  addUnmapped(draft, unmappedOfActivities);
  const own = ownEvidence(event, told);
  const items = own === undefined ? event.evidence : [own, ...event.evidence];
  if (items.length === 0) return;
  draft.addUnmapped('evidences', list(items.map((item, index) => draft.evidence(item, index).json)));
}
