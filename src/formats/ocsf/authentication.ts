import { reachable } from '../address.ts';
import type { Body } from './assemble.ts';
import { iam } from './categories.ts';
import { type Choice, choice, chosen, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { deviceMember } from './host.ts';
import { member, objectOf, text } from './json.ts';
import { endpointObject } from './network.ts';
import { userObject } from './party.ts';
import { processObject } from './process.ts';
import { addRest } from './rest.ts';

const type = { uid: 3002, caption: 'Authentication', category: iam };
const logon = choice(1, 'Logon');
const logoff = choice(2, 'Logoff');
const success = choice(1, 'Success');
const failure = choice(2, 'Failure');

/** A sign-in; the class wants who signed in, and to which device or service. */
export function authentication(draft: EventDraft): Body | undefined {
  const { user, device, application, network, process, action } = draft.event;
  const who = userObject(draft, 'user', user);
  const target = endpointObject(draft, 'dst_endpoint', {
    ip: device && reachable(device.ipAddresses)[0],
    name: device?.name ?? device?.shortName,
    uid: device?.id,
  });
  const service = objectOf('name', text(application?.name), member('uid', text(application?.id)));
  if (who === '' || (target === '' && service === '')) return undefined;
  const source = endpointObject(draft, 'src_endpoint', {
    ip: network?.sourceIp ?? network?.remoteIp,
    port: network?.sourcePort,
    country: network?.country,
  });
  const by = objectOf('process', processObject(draft, 'actor.process', process));
  const host = deviceMember(draft);
  if (host !== '') draft.addProfile('host');
  const members =
    chosen('status_id', 'status', statusOf(action)) +
    host +
    member('actor', by) +
    member('user', who) +
    member('src_endpoint', source) +
    member('dst_endpoint', target) +
    member('service', service);
  addRest(draft, ['network', 'process', 'application']);
  return { type, activity: action?.includes('Logoff') === true ? logoff : logon, members };
}

function statusOf(action: string | undefined): Choice {
  if (action?.includes('Success') === true) return success;
  return action?.includes('Fail') === true ? failure : unknown;
}
