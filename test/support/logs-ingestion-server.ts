import { gunzipSync } from 'node:zlib';
import { readClaims } from '../../src/identity/token-claims.ts';
import { type Answer, HttpReceiver, type ReceivedRequest } from './http-receiver.ts';
import { testRoot } from './https-server.ts';

/** Types that a column of a stream can have. */
export type ColumnType = 'string' | 'datetime' | 'int' | 'long' | 'real' | 'boolean' | 'dynamic';

/** A row as it was stored. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** How the API is set up. */
export interface LogsIngestionSettings {
  /** Immutable id of the only rule. */
  readonly rule: string;
  /** Streams that the rule declares, with their columns. */
  readonly streams: Readonly<Record<string, Readonly<Record<string, ColumnType>>>>;
  readonly audience: string;
  /** Directory of the subscription. */
  readonly tenantId: string;
  /** Objects that have the role Monitoring Metrics Publisher on the rule. */
  readonly publishers: ReadonlySet<string>;
}

const apiVersions = ['2023-01-01', '2021-11-01-preview'];
/** A call, compressed and uncompressed, and a value, bytes (formats reference §7.1). */
const largestCall = 1_048_576;
const largestValue = 65_536;
const certificate = testRoot.issue('127.0.0.1');

/**
 * The Logs Ingestion API as strict as the real one (formats reference §7.1), over HTTPS: it refuses what that refuses.
 * What the real one loses without a word (unknown columns, long values, values of another type) is noted in `losses`.
 */
export class LogsIngestionServer implements AsyncDisposable {
  readonly #receiver: HttpReceiver;
  settings: LogsIngestionSettings;
  /** What was taken, in order, repeats included. */
  readonly stored: StoredRow[] = [];
  /** Each loss of which the sender learns nothing. */
  readonly losses: string[] = [];
  /** Tokens that are refused, though they look well. */
  readonly revoked = new Set<string>();
  /** What to answer in place of the API; undefined for its own answer. */
  fault: (request: ReceivedRequest) => Answer | undefined = () => undefined;
  /** Whether the API finds a row bad. */
  isBad: (row: StoredRow) => boolean = () => false;

  private constructor(receiver: HttpReceiver, settings: LogsIngestionSettings) {
    this.#receiver = receiver;
    this.settings = settings;
    receiver.answer = (request) => this.fault(request) ?? this.#answer(request);
  }

  /** Listens on 127.0.0.1, with a certificate of `testRoot`. */
  static async listen(settings: LogsIngestionSettings): Promise<LogsIngestionServer> {
    return new LogsIngestionServer(await HttpReceiver.listen(certificate), settings);
  }

  get endpoint(): string {
    return this.#receiver.url;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#receiver.requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }

  #answer(request: ReceivedRequest): Answer {
    const url = new URL(request.path, this.endpoint);
    const [, rules, rule, streams, stream, ...more] = url.pathname.split('/').map(decodeURIComponent);
    if (
      request.method !== 'POST' ||
      rules !== 'dataCollectionRules' ||
      streams !== 'streams' ||
      more.length > 0
    )
      return says(404, 'NotFound', 'The resource is not found.');
    return (
      this.#refusedCaller(request) ??
      refusedVersion(url) ??
      this.#refusedRule(rule) ??
      refusedSize(request) ??
      this.#take(request, stream ?? '')
    );
  }

  #refusedCaller({ headers }: ReceivedRequest): Answer | undefined {
    const { authorization = '' } = headers;
    if (!authorization.startsWith('Bearer ')) return says(401, 'MissingToken', 'No bearer token.');
    const token = authorization.slice('Bearer '.length);
    const { audience, tenantId, objectId } = readClaims(token);
    if (this.revoked.has(token)) return says(401, 'InvalidToken', 'The token has been revoked.');
    if (audience?.replace(/\/$/, '') !== this.settings.audience)
      return says(401, 'InvalidAudience', `The token is for ${audience}.`);
    if (tenantId !== this.settings.tenantId) return says(401, 'InvalidTenant', `A token of ${tenantId}.`);
    if (objectId !== undefined && this.settings.publishers.has(objectId)) return undefined;
    const words = `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${this.settings.rule}'.`;
    return says(403, 'OperationFailed', words);
  }

  #refusedRule(rule: string | undefined): Answer | undefined {
    if (rule === this.settings.rule) return undefined;
    return says(404, 'NotFound', `Data collection rule with immutable Id '${rule}' not found.`);
  }

  #take({ headers, body }: ReceivedRequest, stream: string): Answer {
    const columns = this.settings.streams[stream];
    if (columns === undefined)
      return says(400, 'InvalidStream', `The stream '${stream}' was not configured for this rule.`);
    if (headers['content-type'] !== 'application/json')
      return says(415, 'UnsupportedMediaType', `${headers['content-type']} is not supported.`);
    const rows = readRows(body);
    if (rows === undefined || rows.some((row) => this.isBad(row)))
      return says(400, 'InvalidPayload', 'The request body is not an array of JSON objects.');
    for (const row of rows) this.stored.push(this.#store(row, columns));
    return { status: 204 };
  }

  /** Returns what is left of a row: Azure drops and cuts without a word. */
  #store(row: StoredRow, columns: Readonly<Record<string, ColumnType>>): StoredRow {
    const kept = Object.entries(row).map(([name, value]) => {
      const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
      const loss = type === undefined ? 'is no column of the stream' : lossOf(value, type);
      if (loss !== undefined) this.losses.push(`${name}: ${loss}`);
      return loss === undefined ? ([name, value] as const) : undefined;
    });
    return Object.fromEntries(kept.filter((column) => column !== undefined));
  }
}

function refusedVersion(url: URL): Answer | undefined {
  const version = url.searchParams.get('api-version') ?? '';
  if (apiVersions.includes(version)) return undefined;
  return says(400, 'InvalidApiVersion', `The api-version '${version}' is not supported.`);
}

function refusedSize({ headers, raw }: ReceivedRequest): Answer | undefined {
  const tooLong = says(413, 'ContentLengthLimitExceeded', 'The maximum size of a call is 1 MB.');
  if (raw.length > largestCall) return tooLong;
  const encoding = headers['content-encoding'];
  if (encoding === undefined) return undefined;
  if (encoding !== 'gzip') return says(400, 'InvalidContentEncoding', `${encoding} is not supported.`);
  return gunzipSync(raw).length > largestCall ? tooLong : undefined;
}

/** Returns the rows of a body in UTF-8; undefined for anything but an array of objects. */
function readRows(body: string): readonly StoredRow[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const isRow = (row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row);
  return Array.isArray(value) && value.every(isRow) ? value : undefined;
}

/** What becomes of a value in a column of this type, when that is not what was sent. */
function lossOf(value: unknown, type: ColumnType): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > largestValue) return `is cut from ${bytes} bytes to ${largestValue}`;
  return isOfType(value, type) ? undefined : `is no ${type}, and becomes null: ${text.slice(0, 100)}`;
}

function isOfType(value: unknown, type: ColumnType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'datetime':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/.test(value);
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
    case 'long':
      return typeof value === 'number' && Number.isInteger(value);
    case 'real':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'dynamic':
      return true;
  }
}

function says(status: number, code: string, message: string): Exclude<Answer, string> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify({ error: { code, message } }) };
}
