import type { SecurityEvent } from '../../event.ts';
import { ipv4, ipv6 } from '../address.ts';
import * as facts from '../facts.ts';
import { type FieldType, labelled, type MappingRow, row, text } from '../mapping.ts';
import { epochMsText } from '../time-text.ts';
import { cefMapping } from './cef-mapping.ts';

const time: FieldType = { read: epochMsText };
const addressV4: FieldType = { read: ipv4 };
const addressV6: FieldType = { read: ipv6 };

/** Rows in which the published mapping differs, by the key that they take the place of. */
const published: ReadonlyMap<string, readonly MappingRow[]> = new Map(
  Object.entries({
    rt: [row(28, 'rt', time, 'kept', (e) => e.firstActivity ?? e.updated)],
    shost: [row(33, 'shost', text(1023), 'kept', (e) => e.device?.shortName ?? e.device?.name)],
    suid: [
      row(43, 'suid', text(1023), 'loggedOnUsers', loggedOnUsers),
      row(46, 'MSDefenderUserSid', text(4000), 'kept', (e) => e.user?.sid),
    ],
    MSDefenderLogonUsers: [],
    src: [row(62, 'src', addressV4, 'other', remoteIp)],
    c6a2: [labelled(62, ['c6a2', 'Source IPv6 Address'], addressV6, 'other', remoteIp)],
    dst: [row(62, 'dst', addressV4, 'other', (e) => e.network?.destinationIp)],
    c6a3: [
      labelled(62, ['c6a3', 'Destination IPv6 Address'], addressV6, 'other', (e) => e.network?.destinationIp),
    ],
  }),
);

/**
 * The extension by the mapping of detections to CEF that Microsoft published, device version 2.0 (API reference §3.5,
 * formats reference §11.3), for content that was written on it; what it does not map stands where it does in ours. The
 * update's time, which it has no slot for, is told by MSDefenderVersion.
 */
export const cefPublishedMapping: readonly MappingRow[] = cefMapping.flatMap(
  (each) => published.get(each.key) ?? [each],
);

/** `LogOnUsers`, as the published sample writes them. */
function loggedOnUsers(event: SecurityEvent): string | undefined {
  const users = event.device?.loggedOnUsers ?? [];
  return users.length === 0 ? undefined : users.join('; ');
}

/** `IpAddress` is the source there, on whichever side it is. */
function remoteIp(event: SecurityEvent): string | undefined {
  return event.network?.remoteIp ?? facts.sourceIp(event);
}
