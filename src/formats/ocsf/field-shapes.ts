import type { FormatField } from '../format.ts';

/** An attribute of an object: its path from there, its type in OCSF's words, the fact that it carries. */
export type ShapeField = readonly [path: string, type: string, fact?: number];

/** The attributes of an object that are written, whatever it is told of. */
export type Shape = readonly ShapeField[];

/** Returns the attributes of an object that stands at `path`, `[]` behind it for a list of such objects. */
export function at(path: string, ...shapes: readonly Shape[]): Shape {
  return shapes.flat().map(([own, type, fact]) => [`${path}.${own}`, type, fact] as ShapeField);
}

/** Returns the two attributes of an enumeration. */
export function enumeration(id: string, caption: string, fact?: number): Shape {
  return [
    [id, 'integer', fact],
    [caption, 'string', fact],
  ] as Shape;
}

/** Returns attributes as a format tells them. */
export function fieldsOf(shape: Shape): readonly FormatField[] {
  return shape.map(([name, type, fact]) => ({ name, fact, type }));
}

export const groupShape: Shape = [
  ['name', 'string', 77],
  ['uid', 'string', 77],
];

export const userShape: Shape = [
  ['name', 'username', 44],
  ['domain', 'string', 45],
  ['uid', 'string', 46],
  ['uid_alt', 'string', 47],
  ['email_addr', 'email', 48],
  ['display_name', 'string', 48],
  ...enumeration('type_id', 'type', 44),
];

/** 21, 23 */
export const analystShape = (fact: number): Shape => [
  ['name', 'username', fact],
  ['email_addr', 'email', fact],
];

const signatureShape: Shape = [
  ...enumeration('algorithm_id', 'algorithm', 54),
  ['developer_uid', 'string', 54],
];

export const fileShape: Shape = [
  ['name', 'file_name', 49],
  ...enumeration('type_id', 'type', 49),
  ['path', 'file_path', 50],
  ['parent_folder', 'string', 50],
  ...at('hashes[]', enumeration('algorithm_id', 'algorithm', 51), [['value', 'file_hash', 51]]),
  ['size', 'long', 54],
  ['company_name', 'string', 54],
  ...at('signature', signatureShape),
  ...at('signatures[]', signatureShape),
];

const identifiedShape = (fact: number): Shape => [
  ['pid', 'integer', fact],
  ['uid', 'string', fact],
];

const parentShape: Shape = [
  ...identifiedShape(59),
  ['name', 'process_name', 60],
  ['created_time', 'timestamp', 59],
  ...at('file', fileShape),
];

/** The process that started another one, where it is told as the one that did it. */
export const processShape: Shape = [
  ...identifiedShape(57),
  ['name', 'process_name', 55],
  ['cmd_line', 'string', 56],
  ['created_time', 'timestamp', 58],
  ...at('file', fileShape),
  ...at('user', userShape),
  ...at('parent_process', parentShape),
];

const endpointShape: Shape = [
  ['ip', 'ip', 62],
  ['port', 'port', 63],
  ['location.country', 'string', 62],
];

/** Both ends of a connection, and how it went. */
export const connectionShape: Shape = [
  ...at('src_endpoint', endpointShape),
  ...at('dst_endpoint', endpointShape, [
    ['hostname', 'hostname', 65],
    ['name', 'string', 65],
  ]),
  ...at('connection_info', enumeration('direction_id', 'direction', 63), [['protocol_name', 'string', 63]]),
];

export const urlShape: Shape = [
  ['url_string', 'url', 64],
  ['hostname', 'hostname', 64],
];

export const emailShape: Shape = [
  ['from', 'email', 69],
  ['to[]', 'email', 70],
  ['return_path', 'email', 69],
  ['subject', 'string', 68],
  ['message_uid', 'string', 71],
  ['uid', 'string', 71],
  ['x_originating_ip[]', 'ip', 69],
  ['urls[].url_string', 'url', 72],
];

export const registryShape: Shape = [
  ['reg_value.name', 'string', 67],
  ['reg_value.path', 'reg_key_path', 66],
  ['reg_value.data', 'json', 67],
  ...at('reg_value', enumeration('type_id', 'type', 67)),
  ['reg_key.path', 'reg_key_path', 66],
];

export const deviceShape: Shape = [
  ...enumeration('type_id', 'type'),
  ['hostname', 'hostname', 33],
  ['name', 'string', 33],
  ['uid', 'string', 35],
  ['ip', 'ip', 37],
  ['instance_uid', 'string', 81],
  ['uid_alt', 'string', 36],
  ['domain', 'string', 34],
  ['network_interfaces[].ip', 'ip', 37],
  ['os.name', 'string', 39],
  ...at('os', enumeration('type_id', 'type', 39)),
  ['os.version', 'string', 39],
  ['os.build', 'string', 39],
  ...enumeration('risk_level_id', 'risk_level', 42),
  ['is_managed', 'boolean', 42],
  ['groups[].name', 'string', 40],
  ['first_seen_time', 'timestamp', 83],
];

const resourceShape: Shape = [
  ['uid', 'resource_uid', 35],
  ['name', 'string', 74],
  ['type', 'string', 74],
  ...enumeration('role_id', 'role'),
  ['namespace', 'string', 76],
  ['data', 'json', 74],
];

/** Resources of an event: devices are among them, with their tags. */
export const affectedShape: Shape = [
  ...resourceShape,
  ['hostname', 'hostname', 33],
  ['labels[]', 'string', 41],
];

export const evidenceShape: Shape = [
  ['name', 'string'],
  ...enumeration('verdict_id', 'verdict', 80),
  ...at('device', deviceShape),
  ...at('user', userShape, at('groups[]', groupShape)),
  ...at('file', fileShape),
  ...at('process', processShape),
  ...connectionShape,
  ...at('url', urlShape),
  ...at('email', emailShape),
  ...registryShape,
  ...at('container', [
    ['name', 'string', 76],
    ['uid', 'string', 76],
    ['image.uid', 'string', 76],
    ['image.name', 'string', 76],
  ]),
  ...at('resources[]', resourceShape),
  ['data', 'json'],
];

export const attackShape: Shape = [
  ['tactic.uid', 'string', 7],
  ['tactic.name', 'string', 7],
  ['technique.uid', 'string', 8],
  ['sub_technique.uid', 'string', 8],
];

/** What was found, without the techniques, which only detections tell with it. */
export const findingInfoShape: Shape = [
  ['uid', 'string', 1],
  ['uid_alt', 'string', 2],
  ['title', 'string', 4],
  ['desc', 'string', 5],
  ['types[]', 'string', 7],
  ['created_time', 'timestamp', 30],
  ['modified_time', 'timestamp', 31],
  ['first_seen_time', 'timestamp', 28],
  ['last_seen_time', 'timestamp', 29],
  ['src_url', 'url', 19],
  ['data_sources[]', 'string', 13],
  ['analytic.uid', 'string', 14],
  ['analytic.name', 'string', 14],
  ...at('analytic', enumeration('type_id', 'type')),
  ['related_events[].uid', 'string', 18],
  ['related_events[].type', 'string', 18],
  ['tags[].name', 'string', 25],
  ['tags[].values[]', 'string', 25],
];

/** The connector, as the product of its own events. */
export const connectorShape: Shape = [
  ['name', 'string', 12],
  ['vendor_name', 'string', 12],
  ['version', 'string'],
];

export const productShape: Shape = [...connectorShape, ['uid', 'string', 12], ['feature.name', 'string', 13]];
