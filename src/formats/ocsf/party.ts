import type { Group, Mailbox, User } from '../../event.ts';
import { choice, chosen } from './choice.ts';
import { type Draft, emailOf } from './draft.ts';
import { listOfOne, member, objectOf, text } from './json.ts';

/** Accounts of Windows itself: local system, local service, network service. */
const systemSids = ['S-1-5-18', 'S-1-5-19', 'S-1-5-20'];

const aUser = chosen('type_id', 'type', choice(1, 'User'));
const aSystem = chosen('type_id', 'type', choice(3, 'System'));

/** 44–48, 77: a user, with the groups that are told beside it. Nothing where neither name nor id is known. */
export function userObject(draft: Draft, path: string, user: User | undefined, group?: Group): string {
  if (user === undefined) return '';
  const { sid, entraId, upn, displayName } = user;
  const name = text(user.name) || text(upn) || text(displayName);
  const uid = text(sid) || text(entraId);
  if (name === '' && uid === '') {
    draft.unplace(path, 'domain', user.domain);
    return '';
  }
  const address = emailOf(upn);
  if (address === undefined && name !== text(upn)) draft.unplace(path, 'email_addr', upn);
  return objectOf(
    'name',
    draft.observed(path, 'name', 'userName', name),
    member('domain', text(user.domain)) +
      member('uid', uid) +
      (text(sid) === '' ? '' : member('uid_alt', text(entraId))) +
      member('email_addr', draft.observed(path, 'email_addr', 'email', text(address))) +
      member('display_name', text(displayName)) +
      (systemSids.includes(sid ?? '') ? aSystem : aUser) +
      member('groups', listOfOne(groupObject(group))),
  );
}

/** 77: a group, by its name or id. */
export function groupObject(group: Group | undefined): string {
  if (group === undefined) return '';
  return objectOf('name', text(group.name), member('uid', text(group.id)));
}

/** 73: the user whom a mailbox belongs to. */
export function mailboxUser({ address, displayName, user }: Mailbox): User {
  return {
    name: user?.name ?? displayName ?? address,
    domain: user?.domain,
    sid: user?.sid,
    entraId: user?.entraId,
    upn: address ?? user?.upn,
    displayName: displayName ?? user?.displayName,
  };
}

/** 21: an analyst, by name or address as the source has it. */
export function analystObject(name: string | undefined): string {
  return objectOf('name', text(name), member('email_addr', text(emailOf(name))));
}
