import type { Change, SecurityEvent } from '../../event.ts';
import { changesText } from '../changes-text.ts';
import { type DocumentRow, field, objects, rowsOf, type ValueRow } from '../document-row.ts';
import { evidenceRows } from './ecs-evidence.ts';
import { boolean, date, keyword, long, matchOnlyText, object, wildcard } from './ecs-types.ts';

/**
 * Under which what Microsoft tells has a place that ECS has none for, whatever the kind of the record: a word is found
 * under one name in alerts, incidents and rows of hunting.
 */
const root = 'microsoft_defender.alert';

/** Names what was left out or cut (formats reference §1.3). */
export const ecsTruncated = { path: `${root}.truncated[]`, type: keyword };

/** What ECS has no field for, with types that never change (formats reference §6.2, §11.3 column ECS, `m.`). */
export const ecsOwnMapping: readonly DocumentRow[] = [
  field(1, `${root}.id`, keyword, 'kept', (e) => e.id),
  field(2, `${root}.providerAlertId`, keyword, 'kept', (e) => e.recordId),
  field(3, `${root}.version`, keyword, 'kept', (e) => e.version),
  field(3, `${root}.lastUpdateDateTime`, date, 'kept', (e) => e.updated),
  field(6, `${root}.severity`, keyword, 'kept', (e) => e.severityText ?? e.severity),
  field(undefined, `${root}.table`, keyword, 'kept', (e) => e.table),
  field(18, `${root}.incidentId`, keyword, 'kept', (e) => e.incidentId),
  field(9, `${root}.status`, keyword, 'other', (e) => e.status),
  field(10, `${root}.classification`, keyword, 'other', (e) => e.classification),
  field(11, `${root}.determination`, keyword, 'other', (e) => e.determination),
  ...rowsOf(
    (e: SecurityEvent) => e.changes,
    [
      field(undefined, `${root}.changes.text`, keyword, 'other', changesText),
      ...changeRows('severity', (e) => e.changes?.severity),
      ...changeRows('status', (e) => e.changes?.status),
      ...changeRows('classification', (e) => e.changes?.classification),
      ...changeRows('determination', (e) => e.changes?.determination),
      ...changeRows('assignedTo', (e) => e.changes?.assignedTo),
      field(undefined, `${root}.changes.newEvidence`, long, 'other', (e) => count(e.changes?.newEvidence)),
    ],
  ),
  field(8, `${root}.mitreTechniques[]`, keyword, 'other', (e) => e.techniques),
  field(13, `${root}.detectionSource`, keyword, 'other', (e) => e.detectionSource),
  field(12, `${root}.serviceSource`, keyword, 'other', (e) => e.serviceSource),
  field(16, `${root}.threatFamilyName`, keyword, 'other', (e) => e.threatFamily),
  field(80, `${root}.verdict`, keyword, 'other', (e) => e.verdict),
  field(32, `${root}.resolvedDateTime`, date, 'kept', (e) => e.resolved),
  field(21, `${root}.assignedTo`, keyword, 'other', (e) => e.assignedTo),
  field(47, `${root}.aadUserId`, keyword, 'kept', (e) => e.user?.entraId),
  field(61, `${root}.wasExecutingWhileDetected`, boolean, 'other', (e) => e.process?.runningWhenDetected),
  ...rowsOf(
    (e: SecurityEvent) => e.device,
    [
      field(40, `${root}.deviceGroup`, keyword, 'other', (e) => e.device?.group),
      field(41, `${root}.deviceTags[]`, keyword, 'tags', (e) => e.device?.tags),
      field(42, `${root}.deviceHealth`, keyword, 'other', (e) => e.device?.healthStatus),
      field(42, `${root}.onboardingStatus`, keyword, 'other', (e) => e.device?.onboardingStatus),
      field(42, `${root}.defenderAvStatus`, keyword, 'other', (e) => e.device?.antivirusStatus),
      field(34, `${root}.deviceNtDomain`, keyword, 'other', (e) => e.device?.ntDomain),
      field(39, `${root}.osBuild`, keyword, 'other', (e) => e.device?.osBuild),
      field(38, `${root}.lastExternalIpAddress`, keyword, 'other', (e) => e.device?.externalIp),
      field(43, `${root}.loggedOnUsers[]`, keyword, 'loggedOnUsers', (e) => e.device?.loggedOnUsers),
      field(83, `${root}.deviceFirstSeen`, date, 'other', (e) => e.device?.firstSeen),
    ],
  ),
  field(27, `${root}.indicator.type`, keyword, 'other', (e) => e.indicator?.name ?? e.indicator?.creatorName),
  ...rowsOf(
    (e: SecurityEvent) => e.message,
    [
      field(72, `${root}.mail.deliveryAction`, keyword, 'other', (e) => e.message?.deliveryAction),
      field(72, `${root}.mail.deliveryLocation`, keyword, 'other', (e) => e.message?.deliveryLocation),
      field(72, `${root}.mail.urls[]`, wildcard, 'longUrl', (e) => e.message?.urls),
      field(72, `${root}.mail.threats[]`, keyword, 'other', (e) => e.message?.threats),
      field(72, `${root}.mail.attachmentsCount`, long, 'other', (e) => e.message?.attachmentsCount),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.mailCluster,
    [
      field(82, `${root}.mail_cluster.by`, keyword, 'other', (e) => e.mailCluster?.by),
      field(82, `${root}.mail_cluster.value`, keyword, 'other', (e) => e.mailCluster?.value),
      field(82, `${root}.mail_cluster.count`, long, 'other', (e) => e.mailCluster?.count),
      field(82, `${root}.mail_cluster.query`, keyword, 'other', (e) => e.mailCluster?.query),
    ],
  ),
  field(73, `${root}.mailbox`, keyword, 'other', (e) => e.mailbox?.address),
  ...rowsOf(
    (e: SecurityEvent) => e.cloudResource,
    [
      field(74, `${root}.resource.id`, keyword, 'other', (e) => e.cloudResource?.id),
      field(74, `${root}.resource.name`, keyword, 'other', (e) => e.cloudResource?.name),
      field(74, `${root}.resource.type`, keyword, 'other', (e) => e.cloudResource?.type),
    ],
  ),
  ...rowsOf(
    (e: SecurityEvent) => e.application,
    [
      field(75, `${root}.application.instanceName`, keyword, 'other', (e) => e.application?.instanceName),
      field(75, `${root}.application.publisher`, keyword, 'other', (e) => e.application?.publisher),
    ],
  ),
  field(24, `${root}.investigationId`, keyword, 'other', (e) => e.investigationId),
  field(24, `${root}.investigationState`, keyword, 'other', (e) => e.investigationState),
  field(25, `${root}.systemTags[]`, keyword, 'tags', (e) => e.tags),
  field(22, `${root}.recommendedActions`, matchOnlyText, 'recommendedActions', (e) => e.recommendedActions),
  objects(23, `${root}.comments[]`, object, 'comments', (e: SecurityEvent) => e.comments, [
    field(undefined, 'comment', matchOnlyText, 'comments', (comment) => comment.text),
    field(undefined, 'createdBy', keyword, 'comments', (comment) => comment.by),
    field(undefined, 'createdDateTime', date, 'comments', (comment) => comment.at),
  ]),
  field(undefined, `${root}.evidenceCount`, long, 'other', (e) => count(e.evidence.length)),
  objects(
    80,
    `${root}.evidence[]`,
    object,
    'furtherEvidence',
    (e: SecurityEvent) => e.evidence,
    evidenceRows,
  ),
];

function changeRows(name: string, change: (event: SecurityEvent) => Change | undefined): readonly ValueRow[] {
  return [
    field(undefined, `${root}.changes.${name}.from`, keyword, 'other', (e) => change(e)?.from),
    field(undefined, `${root}.changes.${name}.to`, keyword, 'other', (e) => change(e)?.to),
  ];
}

function count(number: number | undefined): string | undefined {
  return number === undefined || number === 0 ? undefined : String(number);
}
