import type { Body } from './assemble.ts';
import { authentication } from './authentication.ts';
import { emailActivity } from './email-activity.ts';
import type { EventDraft } from './event-draft.ts';
import { networkActivity } from './network-activity.ts';
import { fileActivity, moduleActivity, processActivity, registryActivity } from './system-activity.ts';

/** What a table's rows are, as far as they tell what the class wants; undefined for a row that does not. */
type WriteActivity = (draft: EventDraft) => Body | undefined;

/** Tables of advanced hunting whose rows are activities (formats reference §11.6). */
const activities: ReadonlyMap<string, WriteActivity> = new Map([
  ['DeviceProcessEvents', processActivity],
  ['CloudProcessEvents', processActivity],
  ['DeviceFileEvents', fileActivity],
  ['DeviceImageLoadEvents', moduleActivity],
  ['DeviceRegistryEvents', registryActivity],
  ['DeviceNetworkEvents', networkActivity],
  ['DeviceLogonEvents', authentication],
  ['IdentityLogonEvents', authentication],
  ['AADSignInEventsBeta', authentication],
  ['EntraIdSignInEvents', authentication],
  ['EmailEvents', emailActivity],
  ['EmailPostDeliveryEvents', emailActivity],
]);

/** Returns a row of hunting as the activity that its table holds. */
export function activityBody(draft: EventDraft): Body | undefined {
  return activities.get(draft.event.table ?? '')?.(draft);
}
