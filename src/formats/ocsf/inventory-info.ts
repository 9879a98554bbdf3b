import type { Body } from './assemble.ts';
import { discovery } from './categories.ts';
import { choice } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { actorMember, deviceMember } from './host.ts';
import { addRest } from './rest.ts';

const type = { uid: 5001, caption: 'Device Inventory Info', category: discovery };
const collect = choice(2, 'Collect');

/** A device of the inventory; undefined where nothing names it. */
export function inventoryInfo(draft: EventDraft): Body | undefined {
  const device = deviceMember(draft);
  if (device === '') return undefined;
  const members = device + actorMember(draft);
  addRest(draft, ['process']);
  return { type, activity: collect, members };
}
