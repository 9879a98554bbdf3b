import { recently } from '../recent.ts';
import type { EcsClass } from './ecs-category.ts';

/** What rows of a table are, and what their `ActionType` says, by the first pattern that fits. */
interface TableClass {
  readonly tables: readonly string[];
  readonly categories: readonly string[];
  readonly types?: readonly (readonly [action: RegExp, ...types: string[]])[];
  /** Of any other action. */
  readonly other: readonly string[];
}

const logons = [[/logon|login|sign-?in/i, 'start']] as const;

/**
 * Tables of advanced hunting in the words of ECS. Where the common integration for these tables has a word, it is that:
 * the types of files and logons are told beyond it.
 */
const classes: readonly TableClass[] = [
  {
    tables: ['DeviceProcessEvents', 'CloudProcessEvents'],
    categories: ['process'],
    types: [
      [/created|exec|fork/i, 'start'],
      [/open/i, 'access'],
      [/terminated|exit/i, 'end'],
    ],
    other: ['info'],
  },
  {
    tables: ['DeviceNetworkEvents'],
    categories: ['network'],
    types: [
      [/^connectionsuccess/i, 'connection', 'end'],
      [/^connectionfailed/i, 'connection', 'denied'],
      [/^connection(?:request|attempt|acknowledged)/i, 'connection', 'start'],
      [/^listeningconnectioncreated/i, 'connection', 'start'],
      [/^inboundconnectionaccepted/i, 'allowed', 'connection'],
    ],
    other: ['info'],
  },
  {
    tables: ['DeviceFileEvents'],
    categories: ['file'],
    types: [
      [/created/i, 'creation'],
      [/deleted/i, 'deletion'],
      [/modified|renamed/i, 'change'],
    ],
    other: ['info'],
  },
  {
    tables: ['DeviceRegistryEvents'],
    categories: ['registry'],
    types: [
      [/created/i, 'creation'],
      [/deleted/i, 'deletion'],
      [/set|renamed/i, 'change'],
    ],
    other: ['access'],
  },
  { tables: ['DeviceImageLoadEvents'], categories: ['library'], other: ['start'] },
  {
    tables: ['DeviceLogonEvents', 'IdentityLogonEvents', 'EntraIdSignInEvents', 'AADSignInEventsBeta'],
    categories: ['authentication'],
    types: logons,
    other: ['info'],
  },
  { tables: ['DeviceEvents', 'DeviceInfo'], categories: ['host'], other: ['info'] },
  { tables: ['DeviceNetworkInfo'], categories: ['network'], other: ['info'] },
  { tables: ['DeviceFileCertificateInfo'], categories: ['file'], other: ['info'] },
  { tables: ['IdentityDirectoryEvents'], categories: ['iam'], other: ['change'] },
  {
    tables: ['IdentityQueryEvents', 'IdentityInfo', 'IdentityAccountInfo'],
    categories: ['iam'],
    other: ['info'],
  },
  {
    tables: ['EmailEvents', 'EmailAttachmentInfo', 'EmailPostDeliveryEvents', 'EmailUrlInfo'],
    categories: ['email'],
    other: ['info'],
  },
  { tables: ['UrlClickEvents'], categories: ['email', 'web'], other: ['access'] },
  { tables: ['MessageUrlInfo'], categories: ['web'], other: ['info'] },
  {
    tables: ['CloudAppEvents', 'CloudAuditEvents', 'GraphApiAuditEvents'],
    categories: ['api'],
    types: [
      [/created?|add/i, 'creation'],
      [/delete|remove/i, 'deletion'],
      [/update|modif|set|change/i, 'change'],
      [/access|download|view|read/i, 'access'],
    ],
    other: ['info'],
  },
  { tables: ['CloudStorageAggregatedEvents'], categories: ['api'], other: ['access'] },
  {
    tables: ['AlertInfo', 'AlertEvidence', 'BehaviorInfo', 'BehaviorEntities'],
    categories: ['intrusion_detection'],
    other: ['info'],
  },
];

const unknownTable: EcsClass = { categories: [], types: ['info'] };

/** Of each table, what its rows are by what was done in them: few words, which come again with every row. */
const byTable: ReadonlyMap<string, (action: string | undefined) => EcsClass> = new Map(
  classes.flatMap((entry) => {
    const byAction = recently((action) => classIn(entry, action), 64);
    const other: EcsClass = { categories: entry.categories, types: entry.other };
    const find = (action: string | undefined): EcsClass => (action === undefined ? other : byAction(action));
    return entry.tables.map((table) => [table, find] as const);
  }),
);

/** Returns what a row of a table is by what was done in it; of an unknown table that it informs. */
export function tableClass(table: string | undefined, action: string | undefined): EcsClass {
  return byTable.get(table ?? '')?.(action) ?? unknownTable;
}

function classIn({ categories, types: known, other }: TableClass, action: string): EcsClass {
  const [, ...types] = known?.find(([done]) => done.test(action)) ?? [];
  return { categories, types: types.length === 0 ? other : types };
}
