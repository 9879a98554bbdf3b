import { Distinct } from '../distinct.ts';
import { action } from '../facts.ts';
import type { Body } from './assemble.ts';
import { findings } from './categories.ts';
import { chosen } from './choice.ts';
import { cloudObject } from './cloud.ts';
import { deviceObject } from './device.ts';
import type { EventDraft } from './event-draft.ts';
import type { WrittenEvidence } from './evidence.ts';
import { attackList, commentMembers, findingActivity, findingInfo, isCreate } from './finding.ts';
import { list, member, objectOf, text } from './json.ts';
import { malwareList } from './malware.ts';
import { ownEvidence } from './own-evidence.ts';
import { analystObject, userObject } from './party.ts';
import { resourcesOf } from './resource.ts';
import { classificationVerdict, findingStatus, outcomeOf } from './verdict.ts';

const type = { uid: 2004, caption: 'Detection Finding', category: findings };

/** Detections and alerts (formats reference §8). */
export function detectionFinding(draft: EventDraft): Body {
  const { event } = draft;
  const activity = findingActivity(event);
  const attacks = attackList(draft);
  const evidence = evidencesOf(draft);
  const status = text(event.status);
  const members =
    (status === '' ? '' : chosen('status_id', 'status', findingStatus(event.status ?? ''))) +
    (isCreate(activity) ? ',"is_alert":true' : '') +
    member('finding_info', findingInfo(draft, attacks)) +
    outcomeMembers(draft, attacks) +
    incidentMembers(draft) +
    commentMembers(draft) +
    member('remediation', objectOf('desc', text(event.recommendedActions))) +
    member('malware', malwareList(event)) +
    cloudMembers(draft) +
    hostMembers(draft) +
    member('resources', resourceList(draft, evidence)) +
    member('evidences', list(evidence.map(({ json }) => json)));
  return { type, activity, members };
}

/** All evidence that holds something, what the event tells beside it first. */
function evidencesOf(draft: EventDraft): readonly WrittenEvidence[] {
  const { event } = draft;
  const own = ownEvidence(event);
  const items = own === undefined ? event.evidence : [own, ...event.evidence];
  const written: WrittenEvidence[] = [];
  for (const [place, item] of items.entries()) {
    const one = draft.evidence(item, place);
    if (one.json === '') continue;
    const index = written.push(one) - 1;
    for (const { path, type: kind, json } of one.observables) {
      draft.observed(`evidences[${index}]`, path, kind, json);
    }
    for (const { path, json } of one.unplaced) draft.unplaced.push({ path: `evidences.${path}`, json });
    draft.windows ||= one.windows;
  }
  return written;
}

/** 78, 79: what was done, by the profile security_control, which repeats the attacks. */
function outcomeMembers(draft: EventDraft, attacks: string): string {
  const done = action(draft.event);
  if (done === undefined || text(done) === '') return '';
  draft.addProfile('security_control');
  const outcome = outcomeOf(done, draft.event.remediationSucceeded);
  return (
    chosen('action_id', 'action', outcome.action) +
    chosen('disposition_id', 'disposition', outcome.disposition) +
    member('attacks', attacks)
  );
}

/** 10, 21: what people make of it, by the profile incident. */
function incidentMembers(draft: EventDraft): string {
  const { classification, determination, assignedTo } = draft.event;
  const members =
    member('assignee', analystObject(assignedTo)) +
    (text(classification) === ''
      ? ''
      : chosen('verdict_id', 'verdict', classificationVerdict(classification ?? '', determination)));
  if (members !== '') draft.addProfile('incident');
  return members;
}

/** 33–48: the device and the user, by the profile host. */
function hostMembers(draft: EventDraft): string {
  const { device, user } = draft.event;
  const actor = objectOf('user', userObject(draft, 'actor.user', user));
  const members = member('device', deviceObject(draft, 'device', device)) + member('actor', actor);
  if (members !== '') draft.addProfile('host');
  return members;
}

function cloudMembers(draft: EventDraft): string {
  const cloud = cloudObject(draft.event);
  if (cloud !== '') draft.addProfile('cloud');
  return member('cloud', cloud);
}

/** Everything that the event and its evidence name as affected, each once. */
function resourceList({ event }: EventDraft, evidence: readonly WrittenEvidence[]): string {
  const resources = new Distinct();
  for (const resource of resourcesOf(event)) resources.add(resource);
  for (const item of evidence) for (const resource of item.resources) resources.add(resource);
  return list(resources.values);
}
