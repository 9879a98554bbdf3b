import type { Body } from './assemble.ts';
import { system } from './categories.ts';
import { type Choice, choice, chosen, otherChoice, unknown } from './choice.ts';
import type { EventClass, EventDraft } from './event-draft.ts';
import { fileObject } from './file.ts';
import { actorMember, deviceMember, starterMember } from './host.ts';
import { member, objectOf } from './json.ts';
import type { ToldFacets } from './own-evidence.ts';
import { processObject } from './process.ts';
import { registryKeyObject, registryValueObject } from './registry.ts';
import { addRest } from './rest.ts';

/** Activities by the beginning of `ActionType`. */
type Activities = readonly (readonly [start: string, activity: Choice])[];

const processClass = { uid: 1007, caption: 'Process Activity', category: system };
const processActivities: Activities = [['ProcessCreated', choice(1, 'Launch')]];
const launch = choice(1, 'Launch');

/** A process that was started; who did it is the one that started it. */
export function processActivity(draft: EventDraft): Body | undefined {
  const { process, user, action } = draft.event;
  const activity = action === undefined ? launch : activityOf(processActivities, action);
  const started = member('process', processObject(draft, 'process', process, user));
  return body(draft, processClass, activity, started, starterMember(draft, process), ['process', 'file']);
}

const fileClass = { uid: 1001, caption: 'File System Activity', category: system };
const fileActivities: Activities = [
  ['FileCreated', choice(1, 'Create')],
  ['FileModified', choice(3, 'Update')],
  ['FileDeleted', choice(4, 'Delete')],
  ['FileRenamed', choice(5, 'Rename')],
];

/** What a process did with a file. */
export function fileActivity(draft: EventDraft): Body | undefined {
  const file = member('file', fileObject(draft, 'file', draft.event.file));
  const activity = activityOf(fileActivities, draft.event.action);
  return body(draft, fileClass, activity, file, actorMember(draft), ['file', 'process']);
}

const moduleClass = { uid: 1005, caption: 'Module Activity', category: system };
const moduleActivities: Activities = [['ImageLoaded', choice(1, 'Load')]];

/** The schema wants this of every module, or the function that it is about; the rows tell neither. */
const howLoaded = chosen('load_type_id', 'load_type', unknown);

/** A module that a process loaded. */
export function moduleActivity(draft: EventDraft): Body | undefined {
  const file = fileObject(draft, 'module.file', draft.event.file);
  const loaded = file === '' ? '' : member('module', objectOf('file', file, howLoaded));
  const activity = activityOf(moduleActivities, draft.event.action);
  return body(draft, moduleClass, activity, loaded, actorMember(draft), ['file', 'process']);
}

const keyClass = { uid: 201001, caption: 'Registry Key Activity', category: system };
const keyActivities: Activities = [
  ['RegistryKeyCreated', choice(1, 'Create')],
  ['RegistryKeyDeleted', choice(4, 'Delete')],
  ['RegistryKeyRenamed', choice(5, 'Rename')],
];
const valueClass = { uid: 201002, caption: 'Registry Value Activity', category: system };
const valueActivities: Activities = [
  ['RegistryValueSet', choice(2, 'Set')],
  ['RegistryValueDeleted', choice(4, 'Delete')],
];

/** What a process did with a key of the registry, or with a value where the row names one. */
export function registryActivity(draft: EventDraft): Body | undefined {
  const { registry, action } = draft.event;
  const told: ToldFacets = ['registry', 'process'];
  const value = member('reg_value', registryValueObject(draft, registry));
  if (value !== '') {
    return body(draft, valueClass, activityOf(valueActivities, action), value, actorMember(draft), told);
  }
  const key = member('reg_key', registryKeyObject(draft, 'reg_value', registry));
  return body(draft, keyClass, activityOf(keyActivities, action), key, actorMember(draft), told);
}

/** The classes of the category want a subject, a device and an actor. */
function body(
  draft: EventDraft,
  type: EventClass,
  activity: Choice,
  subject: string,
  actor: string,
  told: ToldFacets,
): Body | undefined {
  const device = deviceMember(draft);
  if (subject === '' || actor === '' || device === '') return undefined;
  addRest(draft, told);
  return { type, activity, members: device + actor + subject };
}

function activityOf(activities: Activities, action: string | undefined): Choice {
  if (action === undefined) return unknown;
  return activities.find(([start]) => action.startsWith(start))?.[1] ?? otherChoice(action);
}
