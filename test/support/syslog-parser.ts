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
const rfc5424 =
  /^<(0|[1-9]\d{0,2})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) /;
const rfc3164 =
  /^<(0|[1-9]\d{0,2})>((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?: [1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) ([\x21-\x7e]+) (?:([A-Za-z0-9._/-]{1,32}): )?/;

/** Reads a message by the grammar of RFC 5424 §6; throws where it departs from it. */
export function parse5424(bytes: Uint8Array): ParsedMessage {
  const message = utf8.decode(bytes);
  const match = rfc5424.exec(message);
  if (match === null) throw new Error(`no RFC 5424 header: ${message.slice(0, 120)}`);
  const [header, pri, timestamp = '', hostname = '', app = '', procId = '', msgId = ''] = match;
  if (timestamp !== '-' && Number.isNaN(Date.parse(timestamp))) throw new Error(`no time: ${timestamp}`);
  const { structuredData, end } = readStructuredData(message, header.length);
  if (end < message.length && message[end] !== ' ') throw new Error('no space before the message');
  const text = message.slice(end + 1);
  return { ...readPriority(pri), timestamp, hostname, app, procId, msgId, structuredData, text };
}

/** Reads a message by RFC 3164 §4.1; `tagged` tells whether a TAG is expected. */
export function parse3164(bytes: Uint8Array, tagged = true): ParsedMessage {
  const message = utf8.decode(bytes);
  const match = rfc3164.exec(message);
  if (match === null) throw new Error(`no RFC 3164 header: ${message.slice(0, 120)}`);
  const [header, pri, timestamp = '', hostname = '', tag] = match;
  if (tagged && tag === undefined) throw new Error('no tag');
  const start = tagged || tag === undefined ? header.length : header.length - tag.length - 2;
  const rest = { procId: '-', msgId: '-', structuredData: [], text: message.slice(start) };
  return { ...readPriority(pri), timestamp, hostname, app: tagged ? (tag ?? '-') : '-', ...rest };
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

function readPriority(text: string | undefined): { facility: number; severity: number } {
  const pri = Number(text);
  if (pri > 191) throw new Error(`PRI ${pri} is beyond 191`);
  return { facility: Math.floor(pri / 8), severity: pri % 8 };
}

function readStructuredData(message: string, start: number) {
  if (message[start] === '-') return { structuredData: [], end: start + 1 };
  const structuredData: [string, [string, string][]][] = [];
  let at = start;
  while (message[at] === '[') {
    const id = /^[!#-<>-\\^-~]{1,32}/.exec(message.slice(at + 1))?.[0];
    if (id === undefined) throw new Error('no SD-ID');
    if (structuredData.some(([other]) => other === id)) throw new Error(`SD-ID ${id} twice`);
    at += 1 + id.length;
    const parameters: [string, string][] = [];
    for (;;) {
      const pair = /^ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]]|\\(?!["\\\]]))*)"/.exec(
        message.slice(at),
      );
      if (pair === null) break;
      parameters.push([pair[1] ?? '', (pair[2] ?? '').replace(/\\(["\\\]])/g, '$1')]);
      at += pair[0].length;
    }
    if (message[at] !== ']') throw new Error('SD-ELEMENT not closed');
    structuredData.push([id, parameters]);
    at += 1;
  }
  if (structuredData.length === 0) throw new Error('no STRUCTURED-DATA');
  return { structuredData, end: at };
}
