import { warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, message, remark } from './captured.ts';
import type { FrameReader } from './framing.ts';
import { jsonValues } from './json-values.ts';

/** Bodies and files of JSON that is not a document a line are held whole, up to so many bytes. */
export const maxBodyBytes = 32 * 1024 * 1024;

/** A file of JSON documents over several lines: stacked objects, or an array of them. */
export class DocumentReader implements FrameReader {
  lost(): void {}

  read(queue: ByteQueue, ended: boolean): readonly Captured[] {
    if (queue.length > maxBodyBytes) {
      queue.drop(queue.length);
      const what = `documents over several lines are read up to ${maxBodyBytes} bytes: write each on one line`;
      return [remark('document', warning(undefined, 'capture', what))];
    }
    return ended ? documentsOf(queue.take(queue.length), 'document') : [];
  }
}

/**
 * Returns the messages in the body of a request: stacked objects, the elements of an array, documents behind the
 * action lines of a bulk request, events out of the envelopes of an event collector, or lines.
 */
export function documentsOf(body: Buffer, where: string): readonly Captured[] {
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  if (!/^\s*[[{]/.test(text)) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.map((line, index) => message(`${where} ${index + 1}`, Buffer.from(line)));
  }
  const values = jsonValues(text);
  const [only] = values;
  const isArray = values.length === 1 && only !== undefined && text.charAt(only.start) === '[';
  const places = isArray ? jsonValues(text, only.start + 1, only.end - 1) : values;
  const messages: Captured[] = [];
  for (const { start, end } of places) {
    const document = text.slice(start, end);
    if (isAction(document)) continue;
    messages.push(message(`${where} ${messages.length + 1}`, Buffer.from(oneLine(eventOf(document)))));
  }
  return messages;
}

/** Documents over several lines are no fault of a body or of such a file: line ends between members go. */
function oneLine(document: string): string {
  return document.replace(/[ \t]*[\r\n]+[ \t]*/g, ' ');
}

/** The line before a document of a bulk request: what to do with it. */
function isAction(document: string): boolean {
  return /^\{\s*"(?:create|index|update|delete)"\s*:\s*\{[^{}]*\}\s*\}$/.test(document);
}

/** Members of the envelope that an event collector takes around an event. */
const envelopeMembers: readonly string[] = [
  'event',
  'time',
  'host',
  'source',
  'sourcetype',
  'index',
  'fields',
];

/** Returns what an envelope holds: a text, or the event verbatim; other documents as they are. */
function eventOf(document: string): string {
  if (!document.includes('"event"') || !document.startsWith('{')) return document;
  const members = jsonValues(document, 1, document.length - 1);
  const names = members
    .filter((_, index) => index % 2 === 0)
    .map(({ start, end }) => document.slice(start + 1, end - 1));
  if (!names.every((name) => envelopeMembers.includes(name))) return document;
  const event = members[names.indexOf('event') * 2 + 1];
  if (event === undefined) return document;
  const text = document.slice(event.start, event.end);
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return document;
  }
}
