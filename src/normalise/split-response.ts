import { ConnectorError } from '../errors.ts';
import { JsonScanner, JsonSyntaxError, type Span } from './json-scanner.ts';

/** One page of an API: the records as they stood in it, and the way to the next. */
export interface SplitResponse {
  /** The JSON text of each record, character for character. Not yet known to be valid: `recordOf` finds out. */
  readonly records: readonly string[];
  /** The link to the next page (`@odata.nextLink`), decoded; undefined on the last page. */
  readonly nextLink: string | undefined;
}

/**
 * Splits an API's answer into its records: an object with a list `value` (OData: Graph, Defender for Endpoint), or a bare
 * list (SIEM API). One pass over the text. Throws API_FAILED when the answer is empty, cut off, no JSON, or holds no
 * list, with the offset and the answer's beginning.
 */
export function splitResponse(text: string): SplitResponse {
  const scanner = new JsonScanner(text);
  if (scanner.atEnd()) throw answerFailed(text, 'it is empty');
  try {
    const answer = scanAnswer(scanner);
    if (!scanner.atEnd()) throw scanner.unexpected();
    if (answer.spans === undefined) throw answerFailed(text, 'it has no list of records (`value`)');
    return {
      records: answer.spans.map(({ start, end }) => text.slice(start, end)),
      nextLink: answer.nextLink,
    };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw answerFailed(
      text,
      `it is not valid JSON at offset ${error.offset} of ${text.length}: ${error.message}`,
    );
  }
}

interface Answer {
  /** Where the records are; undefined when the value is an object without a list `value`. */
  readonly spans: readonly Span[] | undefined;
  readonly nextLink: string | undefined;
}

/** Passes over one value that should be an answer. */
function scanAnswer(scanner: JsonScanner): Answer {
  if (scanner.atList()) return { spans: scanner.list(), nextLink: undefined };
  if (!scanner.atObject()) throw scanner.unexpected();
  let spans: readonly Span[] | undefined;
  let nextLink: string | undefined;
  scanner.object((name) => {
    if (name === 'value' && scanner.atList()) spans = scanner.list();
    else if (name === '@odata.nextLink') nextLink = textAt(scanner);
  });
  return { spans, nextLink };
}

/** Beside one of these, `Results` or `results` are the rows of advanced hunting (API reference §7). */
const schemaNames = ['Schema', 'schema'];

/**
 * Passes over one value of a file. Beside what `scanAnswer` knows, an answer of advanced hunting and a message of an
 * event hub (`records`, alone: API reference §10.2) hold records.
 */
function scanSaved(scanner: JsonScanner): readonly Span[] | undefined {
  if (!scanner.atObject()) return scanAnswer(scanner).spans;
  const lists = new Map<string, readonly Span[]>();
  const names: string[] = [];
  scanner.object((name) => {
    names.push(name);
    if (scanner.atList()) lists.set(name, scanner.list());
    else scanner.value();
  });
  const rows = names.some((name) => schemaNames.includes(name))
    ? (lists.get('Results') ?? lists.get('results'))
    : undefined;
  return lists.get('value') ?? rows ?? (names.length === 1 ? lists.get('records') : undefined);
}

/** Passes over a value; the text it stands for, undefined when it is none or empty. */
function textAt(scanner: JsonScanner): string | undefined {
  const span = scanner.value();
  if (!scanner.text.startsWith('"', span.start)) return undefined;
  return copyOf(scanner.decode(span)) || undefined;
}

/** A part of a text keeps all of it in memory: the links of a window would keep every page of it. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function answerFailed(text: string, problem: string): ConnectorError {
  return new ConnectorError(
    'API_FAILED',
    `The API's answer cannot be read: ${problem}. It begins ${beginningOf(text)}. ` +
      'It is asked for again; if it stays, look for a proxy or gateway on the way that answers in the API’s place.',
  );
}

/** Values of members that may hold a credential; the closing quote may lie behind the cut. */
const secretMember = /("[^"]*(?:token|secret|password|assertion|key)[^"]*"\s*:\s*")[^"]*/gi;

function beginningOf(text: string): string {
  return JSON.stringify(text.slice(0, 60).replace(secretMember, '$1…').toWellFormed());
}

/** A record of a file, with the line that it begins on, counted from 1. */
export interface FileRecord {
  readonly json: string;
  readonly line: number;
}

/** So many lines are named in an error; a file of another sort has no good one. */
const namedLines = 10;

/**
 * Returns the records of a file: one to a line (NDJSON), a JSON list, a saved answer of an API, a message of an event hub
 * (also several, one behind the other or one to a line), or a single object; with or without byte order mark, with LF or CRLF. Throws
 * ARGUMENTS_INVALID naming the line. In a file with a record to a line, the good lines all come first: the error, at the
 * end, names the bad ones.
 */
export function* readRecords(text: string): Generator<FileRecord, void, undefined> {
  const scanner = new JsonScanner(text);
  if (scanner.atEnd()) return;
  const { position } = scanner;
  if (isJson(text.slice(position, endOfLine(text, position)))) yield* readLines(text, position);
  else yield* readValues(scanner);
}

/** Reads a file of which each line stands for itself. */
function* readLines(text: string, from: number): Generator<FileRecord, void, undefined> {
  const lines = new LineCounter(text);
  const bad: number[] = [];
  for (let start = from; start < text.length; start = endOfLine(text, start) + 1) {
    const line = lines.at(start);
    const records = recordsOfLine(text.slice(start, endOfLine(text, start)));
    if (records === undefined) bad.push(line);
    else for (const json of records) yield { json, line };
  }
  if (bad.length === 0) return;
  const names = bad.slice(0, namedLines).join(', ') + (bad.length > namedLines ? ', …' : '');
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `line${bad.length === 1 ? '' : 's'} ${names}: no valid JSON. The other lines have been read.`,
  );
}

/** Returns the records of a line, none for an empty one; undefined when it is no valid JSON. */
function recordsOfLine(line: string): readonly string[] | undefined {
  const scanner = new JsonScanner(line);
  const records: string[] = [];
  try {
    while (!scanner.atEnd())
      for (const { start, end } of recordsAt(scanner)) records.push(line.slice(start, end));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
  return records;
}

/** Reads a file of values that go over several lines, one behind the other. */
function* readValues(scanner: JsonScanner): Generator<FileRecord, void, undefined> {
  const { text } = scanner;
  const lines = new LineCounter(text);
  while (!scanner.atEnd()) {
    const { position } = scanner;
    const spans = valueRecords(scanner, position);
    for (const { start, end } of spans) yield { json: text.slice(start, end), line: lines.at(start) };
  }
}

function valueRecords(scanner: JsonScanner, position: number): readonly Span[] {
  try {
    return recordsAt(scanner);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const lines = new LineCounter(scanner.text);
    const begin = lines.at(position);
    throw new ConnectorError(
      'ARGUMENTS_INVALID',
      `line ${lines.at(error.offset)}: ${error.message}, in the JSON value that begins on line ${begin}. ` +
        'Give records one to a line, a JSON list, or a saved answer of the API.',
    );
  }
}

/** Passes over the next value of a file; where its records are. */
function recordsAt(scanner: JsonScanner): readonly Span[] {
  const { text, position } = scanner;
  const spans = scanSaved(scanner) ?? [{ start: position, end: scanner.position }];
  const damaged = spans.find(({ start, end }) => !isJson(text.slice(start, end)));
  if (damaged !== undefined) throw new JsonSyntaxError('a record is damaged', damaged.start);
  return spans;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/** Counts lines up to growing offsets, so that a long file is walked once. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the line of an offset, which must not be less than the one before. */
  at(offset: number): number {
    for (;;) {
      const end = this.#text.indexOf('\n', this.#offset);
      if (end < 0 || end >= offset) return this.#line;
      this.#line++;
      this.#offset = end + 1;
    }
  }
}
