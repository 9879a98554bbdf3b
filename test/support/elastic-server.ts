import { ElasticIndices, type StoredDocument } from './elastic-indices.ts';
import { type Answer, HttpReceiver, type ReceivedRequest } from './http-receiver.ts';
import { testRoot } from './https-server.ts';

/** How a server is set up. */
export interface ElasticSettings {
  /** Whether it speaks HTTPS, with a certificate of `testRoot`. */
  readonly tls: boolean;
  /** `id:secret` of the one API key. */
  readonly apiKey: string;
  /** What the key may do on `logs-*-*`. */
  readonly privileges: readonly string[];
  /** `http.max_content_length`, bytes. */
  readonly maxContentLength: number;
  /** Documents that cannot be stored go to the failure store, and are reported as created. */
  readonly failureStore: boolean;
  /** `index.mapping.total_fields.limit`. */
  readonly totalFields: number;
}

const contentTypes = /^application\/(x-ndjson|json|vnd\.elasticsearch\+(x-ndjson|json))\s*(;.*)?$/i;
const loopback = testRoot.issue('127.0.0.1');

const operations: readonly string[] = ['create', 'index', 'update', 'delete'];
const parameters: readonly string[] = [
  '_index',
  '_id',
  'routing',
  'pipeline',
  'require_alias',
  'require_data_stream',
];

/**
 * Elasticsearch, over HTTPS unless told otherwise, as strict with `_bulk` as the real one (formats reference §6.1): it refuses what that refuses,
 * item by item or as a whole, by the index templates that were put, and keeps what it has stored.
 */
export class ElasticServer implements AsyncDisposable {
  readonly #receiver: HttpReceiver;
  readonly settings: ElasticSettings;
  readonly #indices: ElasticIndices;
  /** What to answer in place of Elasticsearch; undefined for its own answer. */
  fault: (request: ReceivedRequest) => Answer | undefined = () => undefined;
  /** Like `fault`, but its work is done: only the answer is another. */
  lostAnswer: (request: ReceivedRequest) => Answer | undefined = () => undefined;
  /** A status in place of a document's own: 400, 429, 503, 403, 404. */
  itemFault: (document: string, id: string) => number | undefined = () => undefined;

  private constructor(receiver: HttpReceiver, settings: ElasticSettings) {
    this.#receiver = receiver;
    this.settings = settings;
    this.#indices = new ElasticIndices(settings.totalFields);
    receiver.answer = (request) => this.#answer(request);
  }

  /** Listens on 127.0.0.1. */
  static async listen(settings: Partial<ElasticSettings> = {}): Promise<ElasticServer> {
    const { tls = true } = settings;
    const receiver = await HttpReceiver.listen(tls ? { ...loopback } : undefined);
    return new ElasticServer(receiver, {
      tls,
      apiKey: 'key-id:hush',
      privileges: ['create_doc', 'auto_configure'],
      maxContentLength: 100_000_000,
      failureStore: false,
      totalFields: 1000,
      ...settings,
    });
  }

  get url(): string {
    return this.#receiver.url;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#receiver.requests;
  }

  /** What is stored, in order. */
  get stored(): readonly StoredDocument[] {
    return this.#indices.stored;
  }

  /** What was put aside, in order. */
  get failures(): readonly StoredDocument[] {
    return this.#indices.failures;
  }

  /** Statuses of all items answered so far. */
  readonly statuses: number[] = [];

  /** Puts a component or index template, as `PUT <path>` does. */
  put(path: string, body: unknown): void {
    this.#indices.put(path, body);
  }

  /** Begins a new write index of a data stream: what is in the old one is not compared any more. */
  rollover(stream: string): void {
    this.#indices.rollover(stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }

  #answer(request: ReceivedRequest): Answer {
    const fault = this.fault(request);
    if (fault !== undefined) return fault;
    const answer = this.#refused(request) ?? this.#work(request);
    return this.lostAnswer(request) ?? answer;
  }

  #refused({ headers, raw, body }: ReceivedRequest): Answer | undefined {
    const { apiKey, maxContentLength } = this.settings;
    if (raw.length > maxContentLength || Buffer.byteLength(body) > maxContentLength) return { status: 413 };
    const expected = `ApiKey ${Buffer.from(apiKey).toString('base64')}`;
    if (headers.authorization === expected) return undefined;
    const reason =
      headers.authorization === undefined
        ? 'missing authentication credentials for REST request'
        : 'unable to authenticate with provided credentials and anonymous access is not allowed for this request';
    return error(401, 'security_exception', reason);
  }

  #work(request: ReceivedRequest): Answer {
    const { pathname } = new URL(request.path, this.url);
    const target = /^(?:\/([^/]+))?\/_bulk$/.exec(pathname);
    if (target !== null) return this.#bulk(request, target[1]);
    if (pathname === '/_security/user/_has_privileges') return this.#privileges(request.body);
    const streams = /^\/_data_stream\/(.+)$/.exec(pathname)?.[1];
    if (streams !== undefined) {
      if (!this.settings.privileges.includes('view_index_metadata'))
        return this.#forbidden('indices:admin/data_stream/get');
      const names = decodeURIComponent(streams).split(',');
      return says(200, {
        data_streams: this.#indices.dataStreams().filter(({ name }) => names.includes(name)),
      });
    }
    return error(404, 'resource_not_found_exception', `no handler found for uri [${request.path}]`);
  }

  #privileges(body: string): Answer {
    const { index } = JSON.parse(body) as { index: { names: string[]; privileges: string[] }[] };
    const answers = index.flatMap(({ names, privileges }) =>
      names.map((name) => [
        name,
        Object.fromEntries(privileges.map((each) => [each, this.settings.privileges.includes(each)])),
      ]),
    );
    return says(200, { username: 'defender-siem', index: Object.fromEntries(answers) });
  }

  #bulk({ method, headers, body }: ReceivedRequest, target: string | undefined): Answer {
    if (method !== 'POST' && method !== 'PUT')
      return error(405, 'illegal_argument_exception', `Incorrect HTTP method, allowed: [POST, PUT]`);
    const contentType = headers['content-type'] ?? '';
    if (!contentTypes.test(contentType))
      return says(406, { error: `Content-Type header [${contentType}] is not supported`, status: 406 });
    if (body === '') return error(400, 'parse_exception', 'request body is required');
    if (!body.endsWith('\n'))
      return error(
        400,
        'illegal_argument_exception',
        'The bulk request must be terminated by a newline [\\n]',
      );
    const operations = readOperations(body.slice(0, -1).split('\n'), target);
    if (typeof operations === 'string') return error(400, 'illegal_argument_exception', operations);
    const long = operations.find(({ id }) => Buffer.byteLength(id) > 512);
    if (long !== undefined)
      return error(
        400,
        'action_request_validation_exception',
        `Validation Failed: 1: id [${long.id.slice(0, 20)}…] is too long, must be no longer than 512 bytes but was: ${Buffer.byteLength(long.id)};`,
      );
    const items = operations.map((operation) => this.#item(operation));
    this.statuses.push(...items.map(({ status }) => status));
    return says(200, {
      took: 1,
      errors: items.some(({ status }) => status >= 300),
      items: items.map((item, at) => ({ [operations[at]?.op ?? '']: item })),
    });
  }

  #item({ op, index, id, source }: Operation): Item {
    const put = { _index: index, _id: id };
    const faulty = this.itemFault(source, id);
    if (faulty !== undefined)
      return {
        ...put,
        status: faulty,
        error: { type: itemErrors[faulty] ?? 'exception', reason: `told to answer ${faulty}` },
      };
    if (!this.settings.privileges.includes('create_doc')) {
      return {
        ...put,
        status: 403,
        error: {
          type: 'security_exception',
          reason: `action [indices:data/write/bulk[s]] is unauthorized on indices [${index}]`,
        },
      };
    }
    const outcome = this.#indices.create(op, index, id, source);
    if (
      outcome.error !== undefined &&
      outcome.status === 400 &&
      outcome.toFailureStore &&
      this.settings.failureStore
    ) {
      this.#indices.failures.push({ index, id, document: outcome.document ?? {} });
      return { ...put, status: 201, failure_store: 'used' };
    }
    return {
      ...put,
      status: outcome.status,
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
    };
  }

  #forbidden(action: string): Answer {
    return error(403, 'security_exception', `action [${action}] is unauthorized for API key`);
  }
}

interface Operation {
  readonly op: string;
  readonly index: string;
  readonly id: string;
  readonly source: string;
}

interface Item {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
  readonly failure_store?: string;
}

const itemErrors: Readonly<Record<number, string>> = {
  400: 'document_parsing_exception',
  403: 'security_exception',
  404: 'index_not_found_exception',
  429: 'es_rejected_execution_exception',
  503: 'unavailable_shards_exception',
};

/** Returns the operations of a body, or what is malformed in it: then nothing of it is done. */
function readOperations(lines: readonly string[], target: string | undefined): readonly Operation[] | string {
  const read: Operation[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const action = objectOf(lines[at] ?? '');
    if (action === undefined) return `Malformed action/metadata line [${at + 1}], expected START_OBJECT`;
    const [[op, metadata] = ['', undefined], ...more] = Object.entries(action);
    if (!operations.includes(op))
      return `Malformed action/metadata line [${at + 1}], expected field [create], [delete], [index] or [update] but found [${op}]`;
    if (more.length > 0 || typeof metadata !== 'object' || metadata === null)
      return `Malformed action/metadata line [${at + 1}], expected one object`;
    const members = metadata as Record<string, unknown>;
    const unknown = Object.keys(members).find((name) => !parameters.includes(name));
    if (unknown !== undefined)
      return `Action/metadata line [${at + 1}] contains an unknown parameter [${unknown}]`;
    const source = lines[at + 1];
    if (source === undefined) return `Malformed action/metadata line [${at + 1}]: no source line behind it`;
    read.push({
      op,
      index: String(members._index ?? target ?? ''),
      id: String(members._id ?? `auto-${at}`),
      source,
    });
  }
  return read;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function says(status: number, body: object): Answer {
  const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
  return { status, headers, body: JSON.stringify(body) };
}

function error(status: number, type: string, reason: string): Answer {
  return says(status, { error: { root_cause: [{ type, reason }], type, reason }, status });
}
