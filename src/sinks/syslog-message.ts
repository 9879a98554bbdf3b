import type { SecurityEvent, Severity } from '../event.ts';
import { epochMs, instantOf, parseInstant } from '../fields/instant.ts';
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

/** Returns the function that writes an event's header, up to and with the space before the message. */
export function headerWriter(options: SyslogHeader): (event: SecurityEvent, nowMs: number) => string {
  return options.rfc === 5424 ? rfc5424Header(options) : rfc3164Header(options);
}

/** Returns the bytes of one message: header and text, no byte order mark (formats reference §4.1), no frame. */
export function encodeMessage(header: string, text: string): Buffer {
  return Buffer.from(header + oneLine(text), 'utf8');
}

/**
 * Returns the message framed for a stream. Octet counting: `MSG-LEN SP SYSLOG-MSG`, the length in bytes, nothing after
 * it (RFC 6587 §3.4.1, RFC 5425 §4.3). Newline: LF behind the message (RFC 6587 §3.4.2).
 */
export function frame(message: Buffer, framing: Framing): Buffer {
  return framing === 'octet-counting'
    ? Buffer.concat([Buffer.from(`${message.length} `), message])
    : Buffer.concat([message, Buffer.from('\n')]);
}

/** RFC 5424 §6: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA `; PROCID is not told. */
function rfc5424Header(options: SyslogHeader): (event: SecurityEvent, nowMs: number) => string {
  const hostname = headerField(options.hostname, 255);
  const appName = headerField(options.appName, 48);
  const structuredData = encodeStructuredData(options.structuredData);
  return (event, nowMs) => {
    const instant = eventInstant(event, nowMs);
    // Microsoft sends 7 fractional digits, RFC 5424 §6.2.3 allows 6; a fixed width keeps the header's size known.
    const timestamp = `${instant.slice(0, 26)}Z`;
    return `<${priority(options.facility, event)}>1 ${timestamp} ${hostname} ${appName} - ${headerField(event.kind, 32)} ${structuredData} `;
  };
}

/** RFC 3164 §4.1: `<PRI>Mmm dd hh:mm:ss HOSTNAME TAG: `, or without the tag. */
function rfc3164Header(options: SyslogHeader): (event: SecurityEvent, nowMs: number) => string {
  const hostname = headerField(options.hostname, 255);
  const tag = options.tag === undefined ? '' : `${tagField(options.tag)}: `;
  const timestamp = bsdTimestamp(options.timeZone);
  return (event, nowMs) => {
    const at = timestamp(epochMs(eventInstant(event, nowMs)));
    return `<${priority(options.facility, event)}>${at} ${hostname} ${tag}`;
  };
}

/** PRI: facility × 8 + severity (RFC 5424 §6.2.1). */
function priority(facility: number, event: SecurityEvent): number {
  return facility * 8 + syslogSeverity[event.severity];
}

function eventInstant(event: SecurityEvent, nowMs: number) {
  const updated = event.updated === undefined ? undefined : parseInstant(event.updated);
  return updated ?? instantOf(nowMs);
}

/** Returns a function from ms since 1970 to `Nov  3 08:26:10`, the day padded with a space. */
function bsdTimestamp(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
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
