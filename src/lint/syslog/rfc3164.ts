import type { Finding, Language } from '../language.ts';
import { error, offset, quoted, warning } from '../text.ts';
import { bareMessage, beginsPayload } from './payload.ts';
import { readPriority } from './priority.ts';

/** A message as read, and everything that is wrong with its header. */
export interface Rfc3164Reading {
  readonly priority: number | undefined;
  readonly timestamp: string;
  readonly hostname: string;
  /** TAG without its colon and process id; undefined where there is none. */
  readonly tag: string | undefined;
  /** What follows the TAG, or the HOSTNAME where there is none. */
  readonly message: string;
  readonly findings: readonly Finding[];
}

/** Syslog with the header of RFC 3164, with its PRI or as a relay has written it to a file. */
export const rfc3164: Language = {
  name: 'rfc3164',
  recognises: (text) => /^\s*<[^>]{0,8}>/.test(text) || anyTime.test(text),
  lint: (text) => readRfc3164(text).findings,
  payload: (text) => bareMessage(readRfc3164(text).message),
};

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const anyTime = new RegExp(
  `^(?:(?:${months}) [ \\d]\\d? \\d\\d:\\d\\d:\\d\\d|\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d\\S*) `,
  'i',
);
const time = new RegExp(`^(?:${months}) (?: [1-9]|[12]\\d|3[01]) (?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d$`);

/** Reads a message by RFC 3164 §4.1, written apart from any encoder. */
export function readRfc3164(text: string): Rfc3164Reading {
  const findings: Finding[] = [];
  const bare = anyTime.test(text);
  const pri = bare
    ? { priority: undefined, end: 0, findings: [noPriority] }
    : readPriority(text, 'RFC 3164 §4.1.1');
  findings.push(...pri.findings);
  let at = pri.end;
  const timestamp = anyTime.exec(text.slice(at, at + 64))?.[0].trimEnd() ?? '';
  findings.push(...checkTime(timestamp, text.slice(at, at + 40)));
  at += timestamp === '' ? 0 : timestamp.length + 1;
  const nothing = { priority: pri.priority, timestamp, findings };
  const hostname = timestamp === '' || beginsPayload(text.slice(at, at + 8)) ? '' : fieldAt(text, at);
  if (hostname === '') {
    if (timestamp !== '')
      findings.push(
        error('HOSTNAME', 'RFC 3164 §4.1.2', 'is not there: a name or address and one space follow the time'),
      );
    return { ...nothing, hostname: '-', tag: undefined, message: text.slice(at) };
  }
  if (!/^[\x21-\x7e]+$/.test(hostname))
    findings.push(error('HOSTNAME', 'RFC 3164 §4.1.2', `${quoted(hostname)} is not printable ASCII`));
  at += hostname.length + 1;
  const tag = readTag(text, at, findings);
  const message = text.slice(tag.end);
  if (/[\r\n]$/.test(message)) {
    findings.push(
      warning(
        offset(text.length - 1),
        'RFC 6587 §3.4.1',
        'a line end at the end of the message, which is part of it where octets are counted',
      ),
    );
  }
  return { ...nothing, hostname, tag: tag.tag, message };
}

const noPriority = warning(
  'PRI',
  'RFC 3164 §4.1.1',
  'is not there, as in files that relays write: on the wire a message begins with <0> to <191>',
);

function fieldAt(text: string, at: number): string {
  const space = text.indexOf(' ', at);
  return text.slice(at, space === -1 ? undefined : space);
}

function checkTime(timestamp: string, found: string): readonly Finding[] {
  const rule = 'RFC 3164 §4.1.2';
  if (time.test(timestamp)) return [];
  if (timestamp === '') {
    return [
      error(
        'TIMESTAMP',
        rule,
        `${quoted(found, 20)} is no time like 'Nov  3 08:26:10': receivers then take what follows for the message`,
      ),
    ];
  }
  if (/^\d{4}-/.test(timestamp))
    return [
      error(
        'TIMESTAMP',
        rule,
        `${quoted(timestamp)}: RFC 3164 writes 'Nov  3 08:26:10', without year and zone`,
      ),
    ];
  const hint = /^\w{3} (?:0|\d )/.test(timestamp) ? ': a day below 10 is padded with a space' : ' is no time';
  return [error('TIMESTAMP', rule, quoted(timestamp) + hint)];
}

/** The TAG ends at the first `[`, `:` or space; usually a process id in brackets and a colon follow. */
function readTag(
  text: string,
  at: number,
  findings: Finding[],
): { readonly tag: string | undefined; readonly end: number } {
  const rule = 'RFC 3164 §4.1.3';
  if (beginsPayload(text.slice(at, at + 8))) {
    const tag = /^\ufeff?([A-Z]+):/.exec(text.slice(at, at + 8))?.[1];
    if (tag !== undefined) {
      findings.push(
        warning(
          'TAG',
          rule,
          `there is none, so relays take ${tag} for it and hand on ${tag === 'CEF' ? '0|…' : '2.0|…'}: write a tag before, such as 'defender-siem: ${tag}:', unless the SIEM itself reads the line as it stands`,
        ),
      );
    }
    return { tag: undefined, end: at };
  }
  const match = /^([^\s:[]*)(\[[^\]\s]*\])?(:?)( ?)/.exec(text.slice(at, at + 512));
  const [whole = '', tag = '', , colon = '', space = ''] = match ?? [];
  if (colon === '' || tag === '') {
    findings.push(
      warning(
        'TAG',
        rule,
        'there is none that a colon ends: receivers take the first word of the message for it',
      ),
    );
    return { tag: undefined, end: at };
  }
  if (!/^[A-Za-z0-9._/-]{1,32}$/.test(tag)) {
    findings.push(error('TAG', rule, `${quoted(tag)} is not 1 to 32 letters and digits`));
  }
  if (space === '') findings.push(warning('TAG', rule, 'no space behind its colon'));
  return { tag, end: at + whole.length };
}
