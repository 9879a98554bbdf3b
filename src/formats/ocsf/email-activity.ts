import type { Body } from './assemble.ts';
import { network as category } from './categories.ts';
import { type Choice, choice, choiceOf, choices, chosen, otherChoice, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { hostMembers } from './host.ts';
import { member } from './json.ts';
import { emailObject } from './mail.ts';
import { addRest } from './rest.ts';

const type = { uid: 4009, caption: 'Email Activity', category };
const send = choice(1, 'Send');
const receive = choice(2, 'Receive');
const directions = choices({
  unknown: [0, 'Unknown'],
  inbound: [1, 'Inbound'],
  outbound: [2, 'Outbound'],
  'intra-org': [3, 'Internal'],
  intraorg: [3, 'Internal'],
});

/** A mail that came, went, or was dealt with later; the class wants its sender or recipient. */
export function emailActivity(draft: EventDraft): Body | undefined {
  const { message, table, action } = draft.event;
  const email = emailObject(draft, 'email', message);
  if (email === '') return undefined;
  const direction = message?.direction === undefined ? unknown : choiceOf(directions, message.direction);
  const passed = table === 'EmailEvents' ? passing(direction) : otherChoice(action ?? '');
  const host = hostMembers(draft);
  addRest(draft, ['message', 'process']);
  return {
    type,
    activity: passed,
    members: chosen('direction_id', 'direction', direction) + member('email', email) + host,
  };
}

function passing({ id }: Choice): Choice {
  if (id === 1) return receive;
  return id === 2 || id === 3 ? send : unknown;
}
