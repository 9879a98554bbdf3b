import type { SecurityEvent } from '../../event.ts';
import { tacticOf } from '../attack.ts';
import { type Choice, choice, chosen, unknown } from './choice.ts';
import type { EventDraft } from './event-draft.ts';
import { list, listOfOne, member, objectOf, text, texts } from './json.ts';
import { analystObject } from './party.ts';

const technique = /^(T\d{4})(?:\.\d{3})?$/;
const tagsName = 'tags';

/** Activities of findings. */
const create = choice(1, 'Create');
const update = choice(2, 'Update');
const close = choice(3, 'Close');

/** 9: the first state of a finding creates it, the one in which it was resolved closes it, others update it. */
export function findingActivity({ changes }: SecurityEvent): Choice {
  if (changes === undefined) return create;
  return changes.status?.to?.toLowerCase() === 'resolved' ? close : update;
}

/** True of an activity that makes others look: what is told for the first time. */
export function isCreate(activity: Choice): boolean {
  return activity === create;
}

/** 7, 8: tactic and techniques of ATT&CK; ids that are none of it have no place. */
export function attackList(draft: EventDraft): string {
  const { category, techniques } = draft.event;
  const tactic = tacticOf(category);
  const tacticStart =
    tactic === undefined ? '{' : `{"tactic":{"uid":"${tactic.id}","name":"${tactic.name}"},`;
  const attacks = techniques.flatMap((told) => {
    const id = told.trim();
    const parent = technique.exec(id)?.[1];
    if (parent === undefined) {
      draft.unplace('finding_info.attacks.technique', 'uid', told);
      return [];
    }
    const sub = id === parent ? '' : `,"sub_technique":{"uid":"${id}"}`;
    return [`${tacticStart}"technique":{"uid":"${parent}"}${sub}}`];
  });
  return attacks.length === 0 && tactic !== undefined ? `[${tacticStart.slice(0, -1)}}]` : list(attacks);
}

/** 1, 2, 4, 5, 7, 8, 13, 14, 18, 19, 25, 28–31: what was found. */
export function findingInfo(draft: EventDraft, attacks: string): string {
  const { event } = draft;
  return objectOf(
    'uid',
    text(event.id) || text(event.version) || '"unknown"',
    member('uid_alt', text(event.recordId)) +
      member('title', text(event.title)) +
      member('desc', text(event.description)) +
      member('types', listOfOne(text(event.category))) +
      member('created_time', draft.time('finding_info', 'created_time', event.created)) +
      member('modified_time', draft.time('finding_info', 'modified_time', event.updated)) +
      member('first_seen_time', draft.time('finding_info', 'first_seen_time', event.firstActivity)) +
      member('last_seen_time', draft.time('finding_info', 'last_seen_time', event.lastActivity)) +
      member('src_url', draft.url('finding_info', 'src_url', event.alertUrl)) +
      member('data_sources', listOfOne(text(event.detectionSource ?? event.serviceSource))) +
      member('analytic', analyticObject(event)) +
      member('attacks', attacks) +
      member('related_events', listOfOne(incidentObject(event.incidentId))) +
      member('tags', tagList(event.tags)),
  );
}

function analyticObject({ detectorId, title }: SecurityEvent): string {
  const uid = text(detectorId);
  return uid === ''
    ? ''
    : objectOf('uid', uid, member('name', text(title)) + chosen('type_id', 'type', unknown));
}

function incidentObject(id: string | undefined): string {
  const uid = text(id);
  return uid === '' ? '' : `{"uid":${uid},"type":"Incident"}`;
}

function tagList(tags: readonly string[]): string {
  const values = texts(tags);
  return values === '' ? '' : `[{"name":"${tagsName}","values":${values}}]`;
}

/** 23: the analysts' comments: all as notes from 1.9 on, before that the last one, the others having no place. */
export function commentMembers(draft: EventDraft): string {
  const comments = draft.event.comments.filter((comment) => text(comment.text) !== '');
  if (draft.version === '1.9.0') {
    const notes = comments.map((comment) =>
      objectOf(
        'comment',
        text(comment.text),
        member('created_time', draft.time('notes', 'created_time', comment.at)) +
          member('owner', analystObject(comment.by)),
      ),
    );
    return member('notes', list(notes));
  }
  for (const comment of comments.slice(0, -1)) draft.unplace('', 'comment', comment.text);
  return member('comment', text(comments.at(-1)?.text));
}
