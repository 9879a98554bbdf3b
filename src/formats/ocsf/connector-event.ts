import { connectorVendor } from '../../connector-facts.ts';
import type { Body } from './assemble.ts';
import { application } from './categories.ts';
import { choice, otherChoice } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { hostMembers } from './host.ts';
import { member, object, text } from './json.ts';
import { productObject } from './metadata.ts';
import { addUnmapped, unmappedOfConnector } from './unmapped.ts';

const lifecycle = { uid: 6002, caption: 'Application Lifecycle', category: application };
const failure = { uid: 6008, caption: 'Application Error', category: application };
const heartbeat = otherChoice('Heartbeat');
const over = otherChoice('Over');
const generalError = choice(1, 'General Error');
const translationError = choice(2, 'Translation Error');

/** An event of the connector's own: its heartbeat is part of its life, what it cannot see or tell is an error. */
export function connectorEvent(draft: EventDraft): Body {
  const { event, version } = draft;
  const host = hostMembers(draft) + member('status_detail', text(event.description));
  addUnmapped(draft, unmappedOfConnector);
  if (event.status === undefined) {
    const name = object(
      `${member('name', text(event.product) || `"${connectorVendor}"`)}` +
        member('version', text(event.connector?.connectorVersion)),
    );
    const members =
      member('app', productObject(event)) + (version === '1.9.0' ? member('application', name) : '');
    return { type: lifecycle, activity: heartbeat, members: members + host };
  }
  const opened = event.detectorId === 'connector-unknown-shape' ? translationError : generalError;
  return { type: failure, activity: event.status === 'closed' ? over : opened, members: host };
}
