import { readRfc3164 } from '../../src/lint/syslog/rfc3164.ts';
import { readRfc5424 } from '../../src/lint/syslog/rfc5424.ts';
import { refuseFindings } from './refuse-findings.ts';

/** A syslog message as a strict receiver reads it. */
export interface ParsedMessage {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string;
  readonly hostname: string;
  /** APP-NAME (RFC 5424) or TAG (RFC 3164); `-` when there is none. */
  readonly app: string;
  readonly procId: string;
  readonly msgId: string;
  /** SD-ID, then pairs in order. */
  readonly structuredData: readonly (readonly [
    id: string,
    parameters: readonly (readonly [string, string])[],
  ])[];
  readonly text: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a message with the reader of `lint` for RFC 5424; throws at any error. */
export function parse5424(bytes: Uint8Array): ParsedMessage {
  const text = utf8.decode(bytes);
  const read = readRfc5424(text);
  refuseFindings(read.findings, 'error');
  const { timestamp, hostname, appName: app, procId, msgId, structuredData, message } = read;
  return { ...split(read.priority), timestamp, hostname, app, procId, msgId, structuredData, text: message };
}

/** Reads a message with the reader of `lint` for RFC 3164; `tagged` tells whether a TAG is expected. */
export function parse3164(bytes: Uint8Array, tagged = true): ParsedMessage {
  const read = readRfc3164(utf8.decode(bytes));
  refuseFindings(read.findings, tagged ? 'warning' : 'error');
  const { timestamp, hostname, tag } = read;
  const text = tagged || tag === undefined ? read.message : `${tag}: ${read.message}`;
  const rest = { procId: '-', msgId: '-', structuredData: [], text };
  return { ...split(read.priority), timestamp, hostname, app: tagged ? (tag ?? '-') : '-', ...rest };
}

/** Takes chunks as they arrive on a stream and gives back whole messages: RFC 6587, both framings. */
export class FrameReader {
  readonly #framing: 'octet-counting' | 'newline';
  #rest = Buffer.alloc(0);

  constructor(framing: 'octet-counting' | 'newline') {
    this.#framing = framing;
  }

  /** Bytes of a frame that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** Returns the messages that this chunk completes; throws on a broken frame. */
  push(chunk: Uint8Array): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Buffer | undefined {
    return this.#framing === 'newline' ? this.#line() : this.#counted();
  }

  #line(): Buffer | undefined {
    const end = this.#rest.indexOf(0x0a);
    if (end < 0) return undefined;
    return this.#take(0, end, end + 1);
  }

  #counted(): Buffer | undefined {
    const space = this.#rest.indexOf(0x20);
    const digits = this.#rest.subarray(0, space < 0 ? undefined : space).toString('latin1');
    if (!/^([1-9]\d{0,8})?$/.test(digits))
      throw new Error(`no MSG-LEN: ${JSON.stringify(digits.slice(0, 40))}`);
    if (space < 0) return undefined;
    if (digits === '') throw new Error('empty MSG-LEN');
    const end = space + 1 + Number(digits);
    return this.#rest.length < end ? undefined : this.#take(space + 1, end, end);
  }

  #take(start: number, end: number, next: number): Buffer {
    const message = this.#rest.subarray(start, end);
    this.#rest = this.#rest.subarray(next);
    return message;
  }
}

function split(priority: number | undefined): { facility: number; severity: number } {
  if (priority === undefined) throw new Error('no PRI');
  return { facility: Math.floor(priority / 8), severity: priority % 8 };
}
