import { action } from '../facts.ts';
import type { Body } from './assemble.ts';
import { findings } from './categories.ts';
import { chosen } from './choice.ts';
import { cloudObject } from './cloud.ts';
import { deviceObject } from './device.ts';
import type { EventDraft } from './event-draft.ts';
import { ownEvidence, type WrittenEvidence } from './evidence.ts';
import { attackList, commentMembers, findingActivity, findingInfo, isCreate } from './finding.ts';
import { list, member, object, text } from './json.ts';
import { malwareList } from './malware.ts';
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
    member('remediation', object(member('desc', text(event.recommendedActions)))) +
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
  const written = items.map((item, index) => draft.evidence(item, index)).filter(({ json }) => json !== '');
  for (const [index, { observables, unplaced, windows }] of written.entries()) {
    for (const { path, type: kind, json } of observables) {
      draft.observed(`evidences[${index}].${path}`, kind, json);
    }
    for (const { path, json } of unplaced) draft.unplaced.push({ path: `evidences.${path}`, json });
    draft.windows ||= windows;
  }
  return written;
}

/** 78, 79: what was done, by the profile security_control, which repeats the attacks. */
function outcomeMembers(draft: EventDraft, attacks: string): string {
  const done = action(draft.event);
  if (done === undefined || text(done) === '') return '';
  draft.profiles.add('security_control');
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
  if (members !== '') draft.profiles.add('incident');
  return members;
}

/** 33–48: the device and the user, by the profile host. */
function hostMembers(draft: EventDraft): string {
  const { device, user } = draft.event;
  const actor = object(member('user', userObject(draft, 'actor.user', user)));
  const members = member('device', deviceObject(draft, 'device', device)) + member('actor', actor);
  if (members !== '') draft.profiles.add('host');
  return members;
}

function cloudMembers(draft: EventDraft): string {
  const cloud = cloudObject(draft.event);
  if (cloud !== '') draft.profiles.add('cloud');
  return member('cloud', cloud);
}

/** Everything that the event and its evidence name as affected, each once. */
function resourceList({ event }: EventDraft, evidence: readonly WrittenEvidence[]): string {
  const own = resourcesOf(event);
  return list([...new Set([...own, ...evidence.flatMap(({ resources }) => resources)])]);
}
