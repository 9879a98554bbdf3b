import type { FormatField } from '../format.ts';
import {
  affectedShape,
  analystShape,
  at,
  attackShape,
  connectionShape,
  connectorShape,
  deviceShape,
  emailShape,
  enumeration,
  evidenceShape,
  fieldsOf,
  fileShape,
  findingInfoShape,
  processShape,
  productShape,
  registryShape,
  type Shape,
  type ShapeField,
  urlShape,
  userShape,
} from './field-shapes.ts';
import { type UnmappedRow, unmappedOfActivities, unmappedOfConnector, unmappedRows } from './unmapped.ts';

const metadata: Shape = [
  ['version', 'string'],
  ['uid', 'string', 3],
  ['original_event_uid', 'string', 1],
  ...at('product', productShape),
  ['profiles[]', 'string'],
  ['extensions[].name', 'string'],
  ['extensions[].uid', 'string'],
  ['extensions[].version', 'string'],
  ['event_code', 'string', 14],
  ['correlation_uid', 'string', 18],
  ['tenant_uid', 'string', 26],
  ['log_name', 'string'],
  ['original_time', 'string', 31],
  ['modified_time', 'timestamp', 31],
  ['is_truncated', 'boolean'],
  ['untruncated_size', 'integer'],
];

/** What every event has, or can have. */
const common: Shape = [
  ...enumeration('activity_id', 'activity_name', 9),
  ...enumeration('category_uid', 'category_name'),
  ...enumeration('class_uid', 'class_name'),
  ['type_uid', 'long'],
  ['type_name', 'string'],
  ['time', 'timestamp', 31],
  ['start_time', 'timestamp', 28],
  ['end_time', 'timestamp', 29],
  ...enumeration('severity_id', 'severity', 6),
  ...enumeration('status_id', 'status', 9),
  ['message', 'string', 4],
  ['status_detail', 'string', 5],
  ...at('metadata', metadata),
  ...at('device', deviceShape),
  ...at('actor.user', userShape),
  ...at('actor.process', processShape),
  ['observables[].name', 'string'],
  ...at('observables[]', enumeration('type_id', 'type')),
  ['observables[].value', 'string'],
  ['raw_data', 'string'],
];

const ofFindings: Shape = [
  ['is_alert', 'boolean'],
  ...at('finding_info', findingInfoShape, at('attacks[]', attackShape)),
  ...at('finding_info_list[]', findingInfoShape),
  ...enumeration('action_id', 'action', 78),
  ...enumeration('disposition_id', 'disposition', 78),
  ...at('attacks[]', attackShape),
  ...at('assignee', analystShape(21)),
  ...enumeration('verdict_id', 'verdict', 10),
  ['comment', 'string', 23],
  ['notes[].comment', 'string', 23],
  ['notes[].created_time', 'timestamp', 23],
  ...at('notes[].owner', analystShape(23)),
  ['remediation.desc', 'string', 22],
  ['malware[].name', 'string', 15],
  ['malware[].classification_ids[]', 'integer', 15],
  ['malware[].classifications[]', 'string', 15],
  ['cloud.provider', 'string', 74],
  ['cloud.account.uid', 'string', 74],
  ...at('cloud.account', enumeration('type_id', 'type', 74)),
  ['cloud.org.uid', 'string', 26],
  ...at('resources[]', affectedShape),
  ...at('evidences[]', evidenceShape),
  ['desc', 'string', 5],
  ['src_url', 'url', 20],
  ['vulnerabilities[].cve.uid', 'string', 4],
  ['vulnerabilities[].desc', 'string', 5],
  ['vulnerabilities[].severity', 'string', 6],
];

const ofActivities: Shape = [
  ...at('process', processShape),
  ...at('file', fileShape),
  ...at('module', enumeration('load_type_id', 'load_type')),
  ...at('module.file', fileShape),
  ...registryShape,
  ...connectionShape,
  ['dst_endpoint.uid', 'string', 35],
  ...at('url', urlShape),
  ...at('user', userShape),
  ['service.name', 'string', 75],
  ['service.uid', 'string', 75],
  ...enumeration('direction_id', 'direction', 72),
  ...at('email', emailShape),
  ...at('app', connectorShape),
  ['application.name', 'string'],
  ['application.version', 'string'],
];

const ofUnmapped: Shape = [
  ...[...unmappedRows, ...unmappedOfActivities, ...unmappedOfConnector].map(unmappedField),
  ['evidences[]', 'json'],
  ['unplaced[].name', 'string'],
  ['unplaced[].value', 'string'],
];

function unmappedField({ name, isList, fact }: UnmappedRow): ShapeField {
  const path = isList ? `${name}[]` : name;
  return fact === undefined ? [path, 'string'] : [path, 'string', fact];
}

/** Every attribute that an event of any class can have; what stands in a `json` one is as the record has it. */
export const ocsfFields: readonly FormatField[] = fieldsOf([
  ...common,
  ...ofFindings,
  ...ofActivities,
  ...at('unmapped', ofUnmapped),
]);
