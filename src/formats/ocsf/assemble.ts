import { ip } from '../address.ts';
import { Distinct } from '../distinct.ts';
import { type Choice, chosen } from './choice.ts';
import { type Observable, observableMembers } from './draft.ts';
import { classification, type EventClass, type EventDraft } from './event-draft.ts';
import { listOfOne, member, text } from './json.ts';
import { metadataObject, type Truncation, timeOf } from './metadata.ts';
import { addUnmapped, unmappedObject, unmappedRows } from './unmapped.ts';
import { severities } from './verdict.ts';

/** An event's class with its activity, and what the class has of its own. */
export interface Body {
  readonly type: EventClass;
  readonly activity: Choice;
  readonly members: string;
}

/** How an event is written. */
export interface Writing {
  /** True to repeat the record as Microsoft sent it. */
  readonly raw: boolean;
  /** True to list the values that others look for. */
  readonly observables: boolean;
  readonly truncation: Truncation | undefined;
}

/** Returns the event as one line of JSON: what all classes share around what the class has of its own. */
export function assemble(draft: EventDraft, { type, activity, members }: Body, writing: Writing): string {
  const { event } = draft;
  addUnmapped(draft, unmappedRows);
  const externalIp = event.device?.externalIp;
  if (externalIp !== undefined && ip(externalIp) !== undefined) {
    draft.observed('unmapped', 'deviceExternalIp', 'ip', text(externalIp));
  }
  return (
    `{${classification(type, activity)}` +
    member('time', timeOf(event)) +
    member('start_time', draft.time('', 'start_time', event.firstActivity)) +
    member('end_time', draft.time('', 'end_time', event.lastActivity)) +
    chosen('severity_id', 'severity', severities[event.severity]) +
    member('message', text(event.title) || text(event.description)) +
    member('metadata', metadataObject(draft, writing.truncation)) +
    members +
    (writing.observables ? member('observables', observableList(draft)) : '') +
    member('unmapped', unmappedObject(draft)) +
    (writing.raw ? member('raw_data', text(event.json)) : '') +
    '}'
  );
}

/** The values that others look for, each once: the first place where it stands is named. */
function observableList({ observables }: EventDraft): string {
  const seen: Partial<Record<Observable['type'], Distinct>> = {};
  let elements = '';
  for (const { path, type, json } of observables) {
    seen[type] ??= new Distinct();
    if (!seen[type].add(json)) continue;
    elements += `${elements === '' ? '' : ','}{"name":"${path}${observableMembers[type]}${json}}`;
  }
  return listOfOne(elements);
}
