import type { Severity } from '../event.ts';
import type { EventHead } from '../event-head.ts';
import { epochMs, type Instant, instantOf, parseInstant } from '../fields/instant.ts';
import type { RecordKind } from '../record.ts';
import { oneLine } from './one-line.ts';

/** Facility codes by name (formats reference §4.3). `kern` is left out: a receiver takes it for the kernel's own. */
export const facilities = {
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ntp: 12,
  audit: 13,
  alert: 14,
  clock: 15,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;

/** Syslog severities by ours (formats reference §10.1). */
export const syslogSeverity: Readonly<Record<Severity, number>> = {
  unknown: 5,
  informational: 6,
  low: 5,
  medium: 4,
  high: 3,
  critical: 2,
};

/** Structured data: SD-ID, then parameter name, then value. */
export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a message's header is made of, beside the event. */
export interface SyslogHeader {
  readonly rfc: 5424 | 3164;
  /** Facility code, 1 to 23. */
  readonly facility: number;
  readonly hostname: string;
  /** APP-NAME of RFC 5424. */
  readonly appName: string;
  /** TAG of RFC 3164, without its colon; undefined for none. */
  readonly tag: string | undefined;
  /** IANA time zone of RFC 3164's TIMESTAMP, which names none itself. */
  readonly timeZone: string;
  readonly structuredData: StructuredData;
}

/** How messages are told apart on a stream. */
export type Framing = 'octet-counting' | 'newline';

/**
 * The parts of a header around its time, which has the same width in all. Only few differ, so they are made once: a
 * header costs two look-ups, its size nothing more.
 */
interface HeaderParts {
  /** By severity: what stands before the time. */
  readonly before: Readonly<Record<Severity, string>>;
  /** What stands behind it, up to and with the space before the message. */
  after(kind: RecordKind): string;
  readonly time: (at: Instant) => string;
  /** Characters of `time`, all ASCII. */
  readonly timeWidth: number;
}

/** Returns the function that writes an event's header, up to and with the space before the message. */
export function headerWriter(options: SyslogHeader): (event: EventHead, nowMs: number) => string {
  const { before, after, time } = partsOf(options);
  return (event, nowMs) => before[event.severity] + time(eventInstant(event, nowMs)) + after(event.kind);
}

/** Returns the function that tells how many bytes the header of an event takes: the same at any time. */
export function headerMeasure(options: SyslogHeader): (event: EventHead) => number {
  const { before, after, timeWidth } = partsOf(options);
  return ({ severity, kind }) => before[severity].length + timeWidth + Buffer.byteLength(after(kind));
}

function partsOf(options: SyslogHeader): HeaderParts {
  return options.rfc === 5424 ? rfc5424Parts(options) : rfc3164Parts(options);
}

/** RFC 5424 §6: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA `; PROCID is not told. */
function rfc5424Parts(options: SyslogHeader): HeaderParts {
  const hostname = headerField(options.hostname, 255);
  const appName = headerField(options.appName, 48);
  const structuredData = encodeStructuredData(options.structuredData);
  const after = new Map<RecordKind, string>();
  return {
    before: priorities(options.facility, '1 '),
    after(kind) {
      let made = after.get(kind);
      if (made === undefined) {
        made = ` ${hostname} ${appName} - ${headerField(kind, 32)} ${structuredData} `;
        after.set(kind, made);
      }
      return made;
    },
    // Microsoft sends 7 fractional digits, RFC 5424 §6.2.3 allows 6; a fixed width keeps the header's size known.
    time: (at) => `${at.slice(0, 26)}Z`,
    timeWidth: 27,
  };
}

/** RFC 3164 §4.1: `<PRI>Mmm dd hh:mm:ss HOSTNAME TAG: `, or without the tag. */
function rfc3164Parts(options: SyslogHeader): HeaderParts {
  const hostname = headerField(options.hostname, 255);
  const tag = options.tag === undefined ? '' : `${tagField(options.tag)}: `;
  const after = ` ${hostname} ${tag}`;
  return {
    before: priorities(options.facility, ''),
    after: () => after,
    time: options.timeZone === 'UTC' ? bsdTimestampUtc : bsdTimestamp(options.timeZone),
    timeWidth: 15,
  };
}

/** PRI by severity: facility × 8 + severity (RFC 5424 §6.2.1), and what follows it. */
function priorities(facility: number, behind: string): Readonly<Record<Severity, string>> {
  const entries = Object.entries(syslogSeverity).map(([ours, theirs]) => [
    ours,
    `<${facility * 8 + theirs}>${behind}`,
  ]);
  return Object.fromEntries(entries) as Record<Severity, string>;
}

function eventInstant(event: EventHead, nowMs: number): Instant {
  const updated = event.updated === undefined ? undefined : parseInstant(event.updated);
  return updated ?? instantOf(nowMs);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns `Nov  3 08:26:10` in UTC, the day padded with a space. */
function bsdTimestampUtc(at: Instant): string {
  const day = at[8] === '0' ? ` ${at[9]}` : at.slice(8, 10);
  return `${months[Number(at.slice(5, 7)) - 1]} ${day} ${at.slice(11, 19)}`;
}

/** Returns the function that writes the same in another time zone. */
function bsdTimestamp(timeZone: string): (at: Instant) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const parts = format.formatToParts(epochMs(at));
    const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    return `${part.month} ${part.day?.padStart(2, ' ')} ${part.hour}:${part.minute}:${part.second}`;
  };
}

/** Returns the text as a header field: other than U+0021 to U+007E becomes `_`, cut to `most`, `-` when empty. */
function headerField(text: string, most: number): string {
  const clean = text
    .trim()
    .replace(/[^\x21-\x7e]+/g, '_')
    .slice(0, most);
  return clean === '' ? '-' : clean;
}

/** Returns the text as a TAG: receivers end it at a colon, a bracket or a space; at most 32 characters. */
function tagField(text: string): string {
  return headerField(text.replace(/[^A-Za-z0-9._/-]+/g, '_'), 32);
}

/** RFC 5424 §6.3: `[id name="value" …]…`, or `-`. */
function encodeStructuredData(data: StructuredData): string {
  const elements = Object.entries(data).map(([id, parameters]) => {
    const pairs = Object.entries(parameters).map(([name, value]) => ` ${name}="${parameterValue(value)}"`);
    return `[${id}${pairs.join('')}]`;
  });
  return elements.length === 0 ? '-' : elements.join('');
}

/** Escapes exactly `"`, `\` and `]` (RFC 5424 §6.3.3), after control characters became U+FFFD (§1.1). */
function parameterValue(value: string): string {
  const clean = oneLine(value)
    .replaceAll('\t', ' ')
    .replace(/\p{Cc}/gu, '\ufffd');
  return clean.replace(/["\\\]]/g, String.raw`\$&`);
}
