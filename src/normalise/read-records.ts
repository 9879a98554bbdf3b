import { ConnectorError } from '../errors.ts';
import { JsonScanner, JsonSyntaxError, type Span } from './json-scanner.ts';

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

/** Beside one of these, `Results` or `results` are the rows of advanced hunting (API reference §7). */
const schemaNames = ['Schema', 'schema'];

/**
 * Passes over one value of a file: a list, or an object of which a list holds records. That is `value` of an API's
 * answer, the rows of an answer of advanced hunting, and `records` of a message of an event hub, where it is alone (API
 * reference §10.2). Undefined when it is an object that is a record itself.
 */
function scanSaved(scanner: JsonScanner): readonly Span[] | undefined {
  if (!scanner.atObject()) return scanner.list();
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
