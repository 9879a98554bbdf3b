import { messageOf } from '../../src/errors.ts';
import type { SecurityEvent } from '../../src/event.ts';
import type { Formatter } from '../../src/formats/format.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { splitResponse } from '../../src/normalise/split-response.ts';
import { parts } from '../../src/parts.ts';
import { parseCef } from '../support/cef-parser.ts';
import { jsonTokens } from '../support/json-tokens.ts';
import { parseLeef } from '../support/leef-parser.ts';
import { refuseUnsafe } from '../support/line-text.ts';
import { expectedInCef, expectedInLeef, type HostileRecord, plainRecord } from './hostile-records.ts';

/** Every format that this campaign reads back. */
export const formatNames = ['cef', 'leef', 'json'] as const;
export type FormatName = (typeof formatNames)[number];

/**
 * Reads a text with the strict parser of its format, and returns what is not as the record has it; undefined when all
 * is. `shortened`: it may hold less, and values cut with a mark.
 */
export function complaintAbout(
  name: FormatName,
  record: HostileRecord,
  text: string,
  shortened: boolean,
): string | undefined {
  try {
    refuseUnsafe(text, name === 'cef' ? '\t' : '');
    if (name === 'json') return jsonComplaint(record, text, shortened);
    return fieldsComplaint(name, record, text, shortened);
  } catch (error) {
    return messageOf(error);
  }
}

function fieldsComplaint(
  name: 'cef' | 'leef',
  record: HostileRecord,
  text: string,
  shortened: boolean,
): string | undefined {
  const fields = fieldsOf(name, text);
  const expected = name === 'cef' ? expectedInCef(record) : expectedInLeef(record, parseLeef(text).delimiter);
  for (const [key, value] of expected) {
    const found = fields.get(key);
    const cut = found === undefined || (found.endsWith('…') && value.startsWith(found.slice(0, -1)));
    if (found !== value && !(shortened && cut))
      return `${key} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`;
  }
  const stray = [...fields.keys()].find((key) => !usualKeys(name).has(key) && !/truncated/i.test(key));
  return stray === undefined ? undefined : `the field ${stray} is forged`;
}

function jsonComplaint(record: HostileRecord, text: string, shortened: boolean): string | undefined {
  if (shortened) {
    const { id } = JSON.parse(text) as { readonly id: unknown };
    return id === record.id ? undefined : `the id is ${JSON.stringify(id)}`;
  }
  const found = jsonTokens(text);
  const wanted = jsonTokens(record.json);
  const other = wanted.findIndex((token, index) => token !== found[index]);
  if (other === -1 && found.length === wanted.length) return undefined;
  return `token ${other} is ${found[other]?.slice(0, 100)}, not ${wanted[other]?.slice(0, 100)}`;
}

/** Fields by name; the title, which CEF has in its header, is `name`. */
function fieldsOf(name: FormatName, text: string): ReadonlyMap<string, string> {
  if (name === 'json') return new Map();
  if (name === 'leef') return parseLeef(text).attributes;
  const { header, extension } = parseCef(text);
  return new Map([['name', header.name], ...extension]);
}

/** The records as an API answers them. */
export function answerOf(records: readonly HostileRecord[]): string {
  return `{"@odata.context":"$metadata#alerts_v2","value":[${records.map(({ json }) => json).join(',\n')}]}`;
}

/** What a source and the dispatcher make of an API's answer. */
export function eventsOf(records: readonly HostileRecord[]): SecurityEvent[] {
  const split = splitResponse(Buffer.from(answerOf(records)));
  return Array.from(split, ({ json, parsed }) => normalise(recordOf('graph-alert', json, parsed), {}));
}

/** Returns the whole event as the format writes it. */
export function formatted(format: Formatter, event: SecurityEvent): string {
  const made = format(event, Number.POSITIVE_INFINITY);
  if (made.kind === 'oversize') throw new Error(made.reason);
  return made.text;
}

const wholeFormats = new Map<FormatName, Formatter>();

/** Returns a format with its usual options. */
export function wholeFormat(name: FormatName): Formatter {
  const known = wholeFormats.get(name);
  if (known !== undefined) return known;
  const format = parts.formats.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`no format ${name}`);
  const made = format.create(format.options.parse({}));
  wholeFormats.set(name, made);
  return made;
}

const keysByFormat = new Map<FormatName, ReadonlySet<string>>();

/** The fields of a record in which nothing is hostile: no other may be there. */
function usualKeys(name: FormatName): ReadonlySet<string> {
  const known = keysByFormat.get(name);
  if (known !== undefined) return known;
  const [plain] = eventsOf([plainRecord()]);
  if (plain === undefined) throw new Error('the plain record is none');
  const keys = new Set(fieldsOf(name, formatted(wholeFormat(name), plain)).keys());
  keysByFormat.set(name, keys);
  return keys;
}
