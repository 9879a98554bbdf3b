import type { Process } from '../../event.ts';
import { deviceObject } from './device.ts';
import type { EventDraft } from './event-draft.ts';
import { member, objectOf } from './json.ts';
import { userObject } from './party.ts';
import { parentObject, processObject } from './process.ts';

/** The device, as a member. */
export function deviceMember(draft: EventDraft): string {
  return member('device', deviceObject(draft, 'device', draft.event.device));
}

/** Who did it: the process and the user that the event tells. */
export function actorMember(draft: EventDraft): string {
  const { process, user } = draft.event;
  return actorOf(
    draft,
    processObject(draft, 'actor.process', process),
    user !== process?.user || process === undefined,
  );
}

/** Who started the process that the event is about: its parent, else the user alone. */
export function starterMember(draft: EventDraft, started: Process | undefined): string {
  const parent = parentObject(draft, 'actor.process', started);
  return actorOf(draft, parent, parent === '');
}

function actorOf(draft: EventDraft, process: string, withUser: boolean): string {
  const user = withUser ? userObject(draft, 'actor.user', draft.event.user) : '';
  return member('actor', objectOf('process', process, member('user', user)));
}

/** Device and actor where the class has them by the profile host alone. */
export function hostMembers(draft: EventDraft): string {
  const members = deviceMember(draft) + actorMember(draft);
  if (members !== '') draft.addProfile('host');
  return members;
}
