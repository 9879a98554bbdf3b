import type { Finding, Language } from '../language.ts';
import { error, offset, quoted, warning } from '../text.ts';
import { bareMessage, beginsPayload } from './payload.ts';
import { readPriority } from './priority.ts';
import { readStructuredData, type StructuredElement } from './structured-data.ts';

/** A message as read, and everything that is wrong with its header. */
export interface Rfc5424Reading {
  readonly priority: number | undefined;
  /** The header's fields as written; `-` where there is none. */
  readonly timestamp: string;
  readonly hostname: string;
  readonly appName: string;
  readonly procId: string;
  readonly msgId: string;
  readonly structuredData: readonly StructuredElement[];
  /** MSG as it stands, with its byte order mark if it has one. */
  readonly message: string;
  readonly findings: readonly Finding[];
}

/** Syslog with the header of RFC 5424. */
export const rfc5424: Language = {
  name: 'rfc5424',
  recognises: (text) => /^\s*<[^>]{0,8}> ?\d{1,3} /.test(text),
  lint: (text) => readRfc5424(text).findings,
  payload: (text) => bareMessage(readRfc5424(text).message),
};

/** Fields behind the TIMESTAMP: name in the standard's words, most characters, section. */
const headerFields = [
  ['HOSTNAME', 255, 'RFC 5424 §6.2.4'],
  ['APP-NAME', 48, 'RFC 5424 §6.2.5'],
  ['PROCID', 128, 'RFC 5424 §6.2.6'],
  ['MSGID', 32, 'RFC 5424 §6.2.7'],
] as const;

/** Reads a message by the grammar of RFC 5424 §6, written apart from any encoder. */
export function readRfc5424(text: string): Rfc5424Reading {
  const findings: Finding[] = [];
  const { priority, end, findings: wrong } = readPriority(text, 'RFC 5424 §6.2.1');
  findings.push(...wrong);
  const start = readVersion(text, end, findings);
  const timestamp = fieldAt(text, start);
  findings.push(...checkTimestamp(timestamp));
  const { values, end: dataStart } = readFields(text, start + timestamp.length + 1, findings);
  const [hostname = '-', appName = '-', procId = '-', msgId = '-'] = values;
  const header = { priority, timestamp, hostname, appName, procId, msgId, findings };
  if (isMissing(text, dataStart)) {
    const names = [...headerFields.slice(values.length).map(([name]) => name), 'STRUCTURED-DATA'].join(', ');
    const message = `the message begins where ${names} must stand: write - for what is not known`;
    findings.push(error(offset(dataStart), 'RFC 5424 §6', message));
    return { ...header, structuredData: [], message: text.slice(dataStart) };
  }
  const data = readStructuredData(text, dataStart);
  for (const finding of data.findings) findings.push(finding);
  const spaced = data.end >= text.length || text.charAt(data.end) === ' ';
  if (data.closed && !spaced) {
    const message = 'one space stands between STRUCTURED-DATA and the message';
    findings.push(error(offset(data.end), 'RFC 5424 §6', message));
  }
  const message = readMessage(text, data.end + (spaced ? 1 : 0), findings);
  return { ...header, structuredData: data.elements, message };
}

/** Reads the fields behind the TIMESTAMP, up to where the message begins instead of one. */
function readFields(text: string, start: number, findings: Finding[]) {
  const values: string[] = [];
  let at = start;
  for (const [name, max, section] of headerFields) {
    if (isMissing(text, at)) break;
    const value = fieldAt(text, at);
    if (value === '') {
      const message = 'is empty: one space stands between fields, and - for what is not known';
      findings.push(error(name, section, message));
    } else if (!/^[\x21-\x7e]+$/.test(value) || value.length > max) {
      findings.push(error(name, section, `${quoted(value)} is not 1 to ${max} printable ASCII characters`));
    }
    values.push(value);
    at += value.length + 1;
  }
  return { values, end: at };
}

function isMissing(text: string, at: number): boolean {
  return at > text.length || beginsPayload(text.slice(at, at + 8));
}

/** Returns the field at a place, up to the next space. */
function fieldAt(text: string, at: number): string {
  const space = text.indexOf(' ', at);
  return text.slice(at, space === -1 ? undefined : space);
}

/** VERSION stands right behind the PRI; returns where the TIMESTAMP begins. */
function readVersion(text: string, start: number, findings: Finding[]): number {
  const match = /^( ?)(\d*) ?/.exec(text.slice(start, start + 8));
  const [whole = '', space = '', version = ''] = match ?? [];
  if (space !== '' || version !== '1') {
    const problem = space === '' ? `${quoted(version)} is not 1` : 'a space stands between PRI and VERSION';
    findings.push(error('VERSION', 'RFC 5424 §6.2.2', problem));
  }
  return start + whole.length;
}

function checkTimestamp(timestamp: string): readonly Finding[] {
  const rule = 'RFC 5424 §6.2.3';
  if (timestamp === '-') return [];
  const match = /^(\d{4})-(\d\d)-(\d\d)(.)(\d\d):(\d\d):(\d\d)(\.\d*)?(.*)$/.exec(timestamp);
  if (match === null) {
    return [error('TIMESTAMP', rule, `${quoted(timestamp)} is neither - nor like 2026-11-03T08:26:10.123Z`)];
  }
  const [, year, month, day, separator, hour, minute, second, fraction, zone = ''] = match;
  const problems: string[] = [];
  if (separator !== 'T') problems.push('an upper case T stands between date and time');
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const real = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days;
  if (!real || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)
    problems.push('there is no such time');
  if (second === '60') problems.push('a leap second has no place here');
  if (fraction !== undefined && !/^\.\d{1,6}$/.test(fraction))
    problems.push('1 to 6 digits stand behind the point');
  if (!/^(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.test(zone))
    problems.push('the zone is an upper case Z or like +01:00');
  return problems.map((problem) => error('TIMESTAMP', rule, `${quoted(timestamp)}: ${problem}`));
}

function readMessage(text: string, at: number, findings: Finding[]): string {
  const message = text.slice(at);
  const marked = message.startsWith('\ufeff');
  const bare = marked ? message.slice(1) : message;
  if (marked && beginsPayload(bare)) {
    findings.push(
      warning(
        offset(at),
        'RFC 5424 §6.4',
        'a byte order mark before a payload for machines: relays hand it on, and the reader then does not find its beginning',
      ),
    );
  }
  if (/[\r\n]$/.test(bare)) {
    findings.push(
      warning(
        offset(text.length - 1),
        'RFC 6587 §3.4.1',
        'a line end at the end of the message, which is part of it where octets are counted',
      ),
    );
  }
  return message;
}
