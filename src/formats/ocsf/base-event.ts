import type { Body } from './assemble.ts';
import { uncategorized } from './categories.ts';
import { chosen, otherChoice, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { hostMembers } from './host.ts';
import { text } from './json.ts';
import { addRest } from './rest.ts';

const type = { uid: 0, caption: 'Base Event', category: uncategorized };

/** An event for which OCSF has no class, or which does not tell what its class wants. */
export function baseEvent(draft: EventDraft): Body {
  const { status, action } = draft.event;
  const statusMembers =
    status === undefined || text(status) === '' ? '' : chosen('status_id', 'status', otherChoice(status));
  const members = statusMembers + hostMembers(draft);
  addRest(draft, ['process']);
  return { type, activity: action === undefined ? unknown : otherChoice(action), members };
}
