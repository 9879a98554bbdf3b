import type { Evidence, SecurityEvent } from '../../event.ts';
import type { RecordKind } from '../../record.ts';
import { Distinct } from '../distinct.ts';
import { action } from '../facts.ts';
import { recently } from '../recent.ts';
import { tableClass } from './ecs-tables.ts';

/** The module of all that is told. */
export const ecsModule = 'microsoft_defender';

/** Which dataset the records of a kind belong to, as the last part of `microsoft_defender.<word>`. */
export const datasetWords: Readonly<Record<RecordKind, string>> = {
  'graph-alert': 'alert',
  alert: 'alert',
  detection: 'alert',
  incident: 'incident',
  'hunting-event': 'event',
  device: 'device',
  entity: 'entity',
  connector: 'connector',
};

/** `event.kind` of entities that are no plain event, by category. */
const entityKinds: ReadonlyMap<string, string> = new Map([
  ['Vulnerability', 'state'],
  ['Recommendation', 'state'],
  ['Software', 'asset'],
  ['User', 'asset'],
  ['File', 'state'],
  ['Indicator', 'enrichment'],
  ['Statistics', 'metric'],
  ['Score', 'metric'],
]);

/** Returns `event.kind` (formats reference §6.2, §11.6). */
export function eventKind({ kind, category }: SecurityEvent): string {
  switch (kind) {
    case 'hunting-event':
    case 'connector':
      return 'event';
    case 'device':
      return 'asset';
    case 'entity':
      return entityKinds.get(category ?? '') ?? 'event';
    default:
      return 'alert';
  }
}

/** `event.category` and `event.type`, each once. */
export interface EcsClass {
  readonly categories: readonly string[];
  readonly types: readonly string[];
}

/** Returns what kind of happening an event tells of, in types that ECS expects of its categories (§6.2). */
export function classOf(event: SecurityEvent): EcsClass {
  switch (event.kind) {
    case 'hunting-event':
      return tableClass(event.table, event.action);
    case 'connector':
      return { categories: [], types: [event.status === 'opened' ? 'error' : 'info'] };
    case 'device':
      return { categories: ['host'], types: ['info'] };
    case 'entity':
      return entityClass(event);
    default:
      return alertClass(event);
  }
}

function entityClass({ category }: SecurityEvent): EcsClass {
  switch (category) {
    case 'Vulnerability':
      return { categories: ['vulnerability'], types: ['info'] };
    case 'Software':
      return { categories: ['package'], types: ['info'] };
    case 'User':
      return { categories: ['iam'], types: ['info', 'user'] };
    case 'File':
      return { categories: ['file'], types: ['info'] };
    case 'Indicator':
      return { categories: ['threat'], types: ['indicator'] };
    case 'MachineAction':
      return { categories: ['host'], types: ['change'] };
    default:
      return { categories: [], types: ['info'] };
  }
}

/** Categories by the kind of evidence, as Graph and as Defender for Endpoint name it. */
const evidenceCategories: ReadonlyMap<string, string> = new Map([
  ...['analyzedmessage', 'mailmessage', 'mailbox', 'mailcluster'].map((kind) => [kind, 'email'] as const),
  ...['device', 'machine'].map((kind) => [kind, 'host'] as const),
  ['file', 'file'],
  ...['ip', 'networkconnection', 'dns'].map((kind) => [kind, 'network'] as const),
  ['process', 'process'],
  ...['registrykey', 'registryvalue', 'registry'].map((kind) => [kind, 'registry'] as const),
  ...['user', 'securitygroup'].map((kind) => [kind, 'iam'] as const),
]);

const determinationCategories: ReadonlyMap<string, string> = new Map([
  ['malware', 'malware'],
  ['malicioususeractivity', 'malware'],
  ['phishing', 'email'],
  ['apt', 'threat'],
]);

const malwareCategories: readonly string[] = ['malware', 'ransomware', 'unwantedsoftware'];

function alertClass(event: SecurityEvent): EcsClass {
  const found = new Distinct();
  for (const { type } of event.evidence) found.add(categoryOfEvidence(type));
  if (event.evidence.length === 0) for (const category of facetCategories(event)) found.add(category);
  found.add(determinationCategories.get(event.determination?.toLowerCase() ?? ''));
  if (malwareCategories.includes(event.category?.toLowerCase() ?? '')) found.add('malware');
  if (event.threatFamily !== undefined) found.add('threat');
  // Of an alert that tells nothing else, a detection is all that is known.
  if (found.values.length === 0) found.add('intrusion_detection');
  return classOfCategories(found.values.sort().join());
}

/** Returns the class of sorted categories, which alerts share by the hundred. */
const classOfCategories = recently((sorted): EcsClass => {
  const categories = sorted.split(',');
  const types = new Set(categories.map((category) => alertTypes.get(category) ?? 'info'));
  return { categories, types: [...types].sort() };
});

/** What ECS expects of an alert's category where that is not `info`. */
const alertTypes: ReadonlyMap<string, string> = new Map([
  ['registry', 'access'],
  ['threat', 'indicator'],
]);

const categoryOfEvidence = recently((type: Evidence['type']) => {
  const word = type.toLowerCase();
  return evidenceCategories.get(word.endsWith('evidence') ? word.slice(0, -'evidence'.length) : word);
}, 256);

/** A detection has no list of evidence: what it is about stands in itself. */
function facetCategories(event: SecurityEvent): readonly string[] {
  return [
    ...(event.device === undefined ? [] : ['host']),
    ...(event.file === undefined ? [] : ['file']),
    ...(event.process === undefined ? [] : ['process']),
    ...(event.network === undefined ? [] : ['network']),
    ...(event.registry === undefined ? [] : ['registry']),
    ...(event.user === undefined ? [] : ['iam']),
    ...(event.message === undefined && event.mailbox === undefined ? [] : ['email']),
  ];
}

/** 79: success or failure, as the record tells it: of a hunting event by what was done. */
export function outcome(event: SecurityEvent): string | undefined {
  if (event.remediationSucceeded !== undefined) return event.remediationSucceeded ? 'success' : 'failure';
  if (event.kind !== 'hunting-event') return undefined;
  return outcomeOf(event.action ?? '');
}

const outcomeOf = recently((action) => {
  if (/fail|denied|blocked/i.test(action)) return 'failure';
  return /succe|accepted/i.test(action) ? 'success' : undefined;
}, 64);

/** 78: what was done; `load` is what rules look for where a module was loaded. */
export function eventAction(event: SecurityEvent): string | undefined {
  return event.table === 'DeviceImageLoadEvents' && event.action === 'ImageLoaded' ? 'load' : action(event);
}
