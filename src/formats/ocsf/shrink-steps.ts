import type { Evidence, SecurityEvent } from '../../event.ts';
import type { Importance } from '../size-budget.ts';
import {
  bareDevice,
  type Swaps,
  swapped,
  swappedFiles,
  unlessSame,
  withoutParent,
  withoutSignature,
} from './facts-left-out.ts';

/** Something that an event that is too long can do without. */
export interface Removable {
  readonly name: string;
  readonly importance: Importance;
  readonly remove: (event: SecurityEvent) => SecurityEvent;
}

/** Text that an event that is too long tells in part. */
export interface Cuttable {
  readonly name: string;
  readonly importance: 'commandLine' | 'filePath';
  readonly textOf: (holder: Pick<SecurityEvent, 'file' | 'process'> | Evidence) => string | undefined;
  /** Returns the event with `change` made to the text wherever it stands. */
  readonly with: (event: SecurityEvent, change: (text: string) => string | undefined) => SecurityEvent;
}

function facts(name: string, importance: Importance, left: Partial<SecurityEvent>): Removable {
  return {
    name,
    importance,
    remove: (event) => unlessSame(event, { ...event, ...left }) as SecurityEvent,
  };
}

function facets(name: string, importance: Importance, swaps: () => Swaps): Removable {
  return { name, importance, remove: (event) => swapped(event, swaps()) };
}

const none = (): undefined => undefined;

/** The steps of the size policy (formats reference §4.8, rule 2), and after them whatever rule 3 does not keep. */
export const removable: readonly Removable[] = [
  facts('recommendedActions', 'recommendedActions', { recommendedActions: undefined }),
  facts('comments', 'comments', { comments: [] }),
  facets('loggedOnUsers', 'loggedOnUsers', () => ({
    device: (device) => ({ ...device, loggedOnUsers: [] }),
  })),
  facts('description', 'description', { description: undefined }),
  {
    name: 'tags',
    importance: 'tags',
    remove: (event) => swapped(event, { tags: () => [], device: (device) => ({ ...device, tags: [] }) }),
  },
  facets('registry', 'registry', () => ({ registry: none })),
  facets('fileSignature', 'fileSignature', () => swappedFiles(withoutSignature)),
  facets('parentProcess', 'parentProcess', () => ({ process: withoutParent })),
  facets('url', 'longUrl', () => ({ url: none })),
  facets('md5', 'md5', () => swappedFiles((file) => ({ ...file, md5: undefined }))),
  facets('sha1', 'sha1', () => swappedFiles((file) => ({ ...file, sha1: undefined }))),
  // Of these the last goes first: a process, and the evidence of which the event itself repeats the best, go last.
  facets('process', 'other', () => ({ process: none })),
  facts('evidences', 'other', { evidence: [] }),
  facets('file', 'other', () => swappedFiles((file) => ({ ...file, size: undefined }))),
  facts('incidentUrl', 'other', { incidentUrl: undefined }),
  facts('status', 'other', { classification: undefined, determination: undefined, assignedTo: undefined }),
  facts('threat', 'other', { threatName: undefined, threatFamily: undefined, actor: undefined }),
  facts('action', 'other', { action: undefined, remediationSucceeded: undefined }),
  facts('detector', 'other', { detectorId: undefined, detectionSource: undefined }),
  facts('investigation', 'other', { investigationId: undefined, investigationState: undefined }),
  facts('indicator', 'other', { indicator: undefined }),
  facts('changes', 'other', { verdict: undefined, severityText: undefined }),
  facets('device', 'other', () => ({ device: bareDevice })),
  facets('network', 'other', () => ({ network: none, domainName: none })),
  facets('email', 'other', () => ({ message: none, mailbox: none })),
  facets('mailCluster', 'other', () => ({ mailCluster: none })),
  facets('resources', 'other', () => ({
    cloudResource: none,
    application: none,
    container: none,
    group: none,
  })),
  facets('evidences', 'other', () => ({
    roles: () => [],
    detailedRoles: () => [],
    remediationDetails: none,
  })),
];

/** The texts that are cut before they go. */
export const cuttable: readonly Cuttable[] = [
  {
    name: 'commandLine',
    importance: 'commandLine',
    textOf: (holder) => holder.process?.commandLine,
    with: (event, change) =>
      swapped(event, {
        process: (process) => ({
          ...process,
          commandLine: process.commandLine === undefined ? undefined : change(process.commandLine),
        }),
      }),
  },
  {
    name: 'filePath',
    importance: 'filePath',
    textOf: (holder) => holder.file?.path ?? holder.process?.image?.path,
    with: (event, change) =>
      swapped(
        event,
        swappedFiles((file) => {
          const path = file.path === undefined ? undefined : change(file.path);
          return path === file.path ? file : { ...file, path, folder: undefined };
        }),
      ),
  },
];
