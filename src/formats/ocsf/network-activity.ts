import type { Body } from './assemble.ts';
import { network as category } from './categories.ts';
import { type Choice, choice, otherChoice, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { hostMembers } from './host.ts';
import { member } from './json.ts';
import { endpointMembers, urlObject } from './network.ts';
import { addRest } from './rest.ts';

const type = { uid: 4001, caption: 'Network Activity', category };

/** Activities by parts of `ActionType`, the first that fits. */
const activities: readonly (readonly [part: string, activity: Choice])[] = [
  ['Listening', choice(7, 'Listen')],
  ['Failed', choice(4, 'Fail')],
  ['Refused', choice(5, 'Refuse')],
  ['Blocked', choice(5, 'Refuse')],
  ['Success', choice(1, 'Open')],
  ['Accepted', choice(1, 'Open')],
  ['Acknowledged', choice(1, 'Open')],
  ['NetworkSignatureInspected', choice(6, 'Traffic')],
];

/** A connection; the class wants one of its ends. */
export function networkActivity(draft: EventDraft): Body | undefined {
  const { network, domainName, url, action } = draft.event;
  const ends = endpointMembers(draft, '', network, domainName);
  if (!ends.includes('"src_endpoint"') && !ends.includes('"dst_endpoint"')) return undefined;
  const found = activities.find(([part]) => action?.includes(part));
  const other = action === undefined ? unknown : otherChoice(action);
  const members = hostMembers(draft) + ends + member('url', urlObject(draft, 'url', url));
  addRest(draft, ['network', 'domainName', 'url', 'process']);
  return { type, activity: found?.[1] ?? other, members };
}
