import type { ByteQueue } from './byte-queue.ts';
import type { Captured } from './captured.ts';
import { CountedReader } from './counted.ts';
import { DocumentReader } from './documents.ts';
import { HttpReader } from './http.ts';
import { LineReader } from './lines.ts';
import { RelpReader } from './relp.ts';
import { PassedOver, TlsReader } from './unreadable.ts';

/** Takes messages out of a stream of bytes. */
export interface FrameReader {
  /** Returns what is whole at the head of the queue, and takes it off; `ended`: no more bytes follow. */
  read(queue: ByteQueue, ended: boolean): readonly Captured[];
  /** Bytes are lacking before those that come next: what was begun is lost. */
  lost(): void;
  /** Bytes that it holds beside the queue; none when absent. */
  readonly heldBytes?: number;
}

/** Where a stream comes from. */
export interface StreamOrigin {
  /** A file, whose lines are counted; else a connection in a capture. */
  readonly isFile: boolean;
  /** False of a connection whose beginning is not in the capture: then its first bytes may stand amid a message. */
  readonly isWhole: boolean;
}

/** As many bytes tell how a stream is framed. */
const tellingBytes = 24;
/** In so many bytes amid a connection a message begins, or it holds none. */
const amidBytes = 8192;

/** Returns the reader for a stream by its first bytes; undefined while there are too few of them. */
export function frameReader(queue: ByteQueue, ended: boolean, origin: StreamOrigin): FrameReader | undefined {
  if (queue.length < tellingBytes && !ended) return undefined;
  const bytes = queue.all();
  const start = bytes.toString('latin1', 0, tellingBytes);
  if (isTlsRecord(bytes)) return new TlsReader();
  if (/^HTTP\/1\.[01] /.test(start)) return new PassedOver(false);
  if (/^(?:POST|PUT|GET|HEAD|OPTIONS|DELETE|PATCH) [/h]/.test(start)) return new HttpReader();
  if (/^\d{1,9} (?:open|syslog|close|starttls) \d/.test(start)) return new RelpReader();
  if (/^\d{1,9} (?:rsp|serverclose) \d/.test(start)) return new PassedOver(false);
  if (/^\d{1,9} (?:<|CEF:|LEEF:|\{)/.test(start)) return new CountedReader(origin);
  if (origin.isFile && /^\ufeff?\s*(?:\[\s*(?:\{.*)?|\{\s*)$/s.test(firstLine(bytes)))
    return new DocumentReader();
  if (origin.isFile || /^(?:\xef\xbb\xbf)?(?:<\d|CEF:|LEEF:|\{|[A-Z][a-z]{2} [ \d]\d )/.test(start))
    return new LineReader(origin);
  if (origin.isWhole) return new PassedOver(true);
  return amid(bytes, origin) ?? (ended || bytes.length >= amidBytes ? new PassedOver(true) : undefined);
}

/** Amid a connection nothing tells but a message that begins later. */
function amid(bytes: Buffer, origin: StreamOrigin): FrameReader | undefined {
  const begins = /(^|[^\d])(\d{1,9} )?<\d{1,3}>/.exec(bytes.toString('latin1', 0, amidBytes));
  if (begins === null) return undefined;
  const reader = begins[2] === undefined ? new LineReader(origin) : new CountedReader(origin);
  reader.lost();
  return reader;
}

/** A record of a handshake, of data, or of an alert, of TLS 1.0 and later. */
function isTlsRecord(bytes: Buffer): boolean {
  const [type = 0, major, minor = 0xff] = bytes;
  return type >= 0x14 && type <= 0x17 && major === 3 && minor <= 4;
}

function firstLine(bytes: Buffer): string {
  const end = bytes.indexOf(0x0a);
  return bytes.toString('utf8', 0, end === -1 ? 64 : Math.min(end, 64));
}
