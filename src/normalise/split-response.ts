import { ConnectorError } from '../errors.ts';
import { ByteWalker } from './byte-walker.ts';
import { JsonSyntaxError, type Span } from './json-scanner.ts';
import type { JsonObject } from './json-value.ts';
import { RecordFinder } from './record-finder.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** A record as it stood in an answer. */
export interface RecordText {
  /** Its JSON text, character for character, in a string of its own. Without `parsed` not yet known to be valid. */
  readonly json: string;
  /** What `json` parses to, numbers as `JSON.parse` has them; undefined where finding its end did not need it. */
  readonly parsed: JsonObject | undefined;
}

/** What is known once all records of an answer were taken. */
export interface AnswerEnd {
  /** How many records there were. */
  readonly count: number;
  /** The link to the next page (`@odata.nextLink`), decoded; undefined on the last page. */
  readonly nextLink: string | undefined;
}

/**
 * Splits an API's answer into its records, one as each is taken: an object with a list `value` (OData: Graph, Defender for
 * Endpoint), or a bare list (SIEM API). Where `value` is there twice, the records of both are. Throws API_FAILED when the
 * answer is empty, cut off, no JSON, or holds no list, with the offset in bytes and the answer's beginning: what stood
 * before the place has come by then.
 */
export function* splitResponse(answer: Uint8Array): Generator<RecordText, AnswerEnd, undefined> {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const walker = new ByteWalker(bytes);
  if (walker.atEnd()) throw answerFailed(bytes, 'it is empty');
  try {
    const isList = walker.isAt(openList);
    const end = isList ? yield* listed(walker) : yield* membersOf(walker);
    if (!walker.atEnd()) throw walker.unexpected();
    if (end === undefined) throw answerFailed(bytes, 'it has no list of records (`value`)');
    return end;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw answerFailed(
      bytes,
      `it is not valid JSON at offset ${error.offset} of ${bytes.length}: ${error.message}`,
    );
  }
}

/** Passes over an object; undefined when it has no list `value`. */
function* membersOf(walker: ByteWalker): Generator<RecordText, AnswerEnd | undefined, undefined> {
  walker.expect(openObject);
  if (walker.take(closeObject)) return undefined;
  let count: number | undefined;
  let nextLink: string | undefined;
  do {
    const name = walker.name();
    walker.expect(colon);
    if (name === 'value' && walker.isAt(openList)) count = (count ?? 0) + (yield* listed(walker)).count;
    else if (name === '@odata.nextLink') nextLink = textAt(walker);
    else walker.value();
  } while (walker.take(comma));
  walker.expect(closeObject);
  return count === undefined ? undefined : { count, nextLink };
}

/** Passes over a list of records. */
function* listed(walker: ByteWalker): Generator<RecordText, AnswerEnd, undefined> {
  walker.expect(openList);
  if (walker.take(closeList)) return { count: 0, nextLink: undefined };
  const finder = new RecordFinder(walker.bytes);
  let count = 0;
  /** The record before, where its end was found by walking. */
  let walked: Span | undefined;
  do {
    walker.skipSpace();
    if (walked !== undefined) finder.learn(walked, walker.position);
    const found = finder.find(walker.position);
    if (found === undefined) {
      walked = walker.value();
      yield { json: walker.text(walked), parsed: undefined };
    } else {
      walked = undefined;
      walker.position = found.end;
      yield found;
    }
    count++;
  } while (walker.take(comma));
  walker.expect(closeList);
  return { count, nextLink: undefined };
}

/** Passes over a value; the text it stands for, undefined when it is none or empty. */
function textAt(walker: ByteWalker): string | undefined {
  const isText = walker.isAt(quote);
  const span = walker.value();
  return isText ? walker.decode(span) || undefined : undefined;
}

function answerFailed(bytes: Buffer, problem: string): ConnectorError {
  return new ConnectorError(
    'API_FAILED',
    `The API's answer cannot be read: ${problem}. It begins ${beginningOf(bytes)}. ` +
      'It is asked for again; if it stays, look for a proxy or gateway on the way that answers in the API’s place.',
  );
}

/** Values of members that may hold a credential; the closing quote may lie behind the cut. */
const secretMember = /("[^"]*(?:token|secret|password|assertion|key)[^"]*"\s*:\s*")[^"]*/gi;

/** Characters of an answer that an error shows, none of which takes more than three bytes. */
const shown = 60;

function beginningOf(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, 3 * shown).slice(0, shown);
  return JSON.stringify(text.replace(secretMember, '$1…').toWellFormed());
}
