import { IndexMapping, type MappedField, type MappingProblem } from './elastic-mapping.ts';
import { jsonTokens } from './json-tokens.ts';

/** A document as it is stored. */
export interface StoredDocument {
  /** The data stream. */
  readonly index: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** What became of one operation. */
export interface Created {
  readonly status: number;
  readonly error?: MappingProblem;
  /** The failure store takes documents that fail by their own fault, and no others. */
  readonly toFailureStore: boolean;
  readonly document?: Readonly<Record<string, unknown>>;
}

/** What of a component template, or of an index template's own part, counts here. */
interface Template {
  readonly mappings?: MappedField;
  readonly settings?: {
    readonly index?: { readonly mapping?: { readonly total_fields?: { readonly limit?: number } } };
  };
}

interface IndexTemplate {
  readonly index_patterns: readonly string[];
  readonly priority: number;
  readonly data_stream?: object;
  readonly composed_of: readonly string[];
  readonly ignore_missing_component_templates?: readonly string[];
  readonly template?: Template;
}

interface Stream {
  readonly template: string;
  readonly make: () => IndexMapping;
  mapping: IndexMapping;
  /** Of the write index. */
  ids: Set<string>;
}

/** What takes any `logs-*-*` where no template of a higher priority does: every field's type is guessed. */
const builtIn: readonly [string, IndexTemplate] = [
  'logs',
  { index_patterns: ['logs-*-*'], priority: 100, data_stream: {}, composed_of: [] },
];

/** The data streams of a cluster, made by its templates when they are first written to. */
export class ElasticIndices {
  readonly #components = new Map<string, Template>();
  readonly #templates = new Map<string, IndexTemplate>([builtIn]);
  readonly #streams = new Map<string, Stream>();
  readonly #totalFields: number;
  readonly stored: StoredDocument[] = [];
  readonly failures: StoredDocument[] = [];

  constructor(totalFields: number) {
    this.#totalFields = totalFields;
  }

  /** Takes a template; throws where Elasticsearch would refuse it: for a part that is not there. */
  put(path: string, body: unknown): void {
    const [, kind, name] = /^\/?(_component_template|_index_template)\/(.+)$/.exec(path) ?? [];
    if (name === undefined) throw new Error(`no template: ${path}`);
    if (kind === '_component_template') {
      this.#components.set(name, (body as { readonly template: Template }).template);
      return;
    }
    const template = body as IndexTemplate;
    const missing = template.composed_of.filter(
      (part) =>
        !this.#components.has(part) && template.ignore_missing_component_templates?.includes(part) !== true,
    );
    if (missing.length > 0) throw new Error(`component templates [${missing.join()}] do not exist`);
    this.#templates.set(name, template);
  }

  dataStreams(): readonly { readonly name: string; readonly template: string }[] {
    return [...this.#streams].map(([name, { template }]) => ({ name, template }));
  }

  rollover(name: string): void {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new Error(`no data stream ${name}`);
    stream.ids = new Set();
    stream.mapping = stream.make();
  }

  /** Does one operation of a `_bulk` request. */
  create(op: string, index: string, id: string, source: string): Created {
    const bad = nameProblem(index);
    if (bad !== undefined)
      return refused('invalid_index_name_exception', `Invalid index name [${index}], ${bad}`, false);
    const stream = this.#stream(index);
    if (stream === undefined)
      return { ...refused('index_not_found_exception', `no such index [${index}]`, false), status: 404 };
    if (op !== 'create') {
      return refused(
        'illegal_argument_exception',
        'only write ops with an op_type of create are allowed in data streams',
        false,
      );
    }
    const document = parsed(source);
    if (document === undefined) return refused('document_parsing_exception', 'failed to parse', true);
    const problem = stream.mapping.check(document) ?? timestampProblem(document);
    if (problem !== undefined) return { status: 400, error: problem, toFailureStore: true, document };
    if (stream.ids.has(id)) {
      const reason = `[${id}]: version conflict, document already exists (current version [1])`;
      return { ...refused('version_conflict_engine_exception', reason, false), status: 409 };
    }
    stream.ids.add(id);
    this.stored.push({ index, id, document });
    return { status: 201, toFailureStore: false };
  }

  #stream(name: string): Stream | undefined {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const [best] = [...this.#templates]
      .filter(([, { index_patterns: patterns }]) => patterns.some((pattern) => matches(pattern, name)))
      .toSorted(([, a], [, b]) => b.priority - a.priority);
    if (best?.[1].data_stream === undefined) return undefined;
    const make = () => this.#mapping(best[1]);
    const stream = { template: best[0], make, mapping: make(), ids: new Set<string>() };
    this.#streams.set(name, stream);
    return stream;
  }

  #mapping(template: IndexTemplate): IndexMapping {
    const parts = [...template.composed_of.map((name) => this.#components.get(name)), template.template];
    const merged = parts.reduce<MappedField>((whole, part) => merge(whole, part?.mappings ?? {}), {});
    const limit = parts.findLast((part) => part?.settings?.index?.mapping?.total_fields?.limit !== undefined);
    const most = limit?.settings?.index?.mapping?.total_fields?.limit ?? this.#totalFields;
    return new IndexMapping(Object.keys(merged).length === 0 ? undefined : merged, most);
  }
}

function merge(below: MappedField, above: MappedField): MappedField {
  const properties: Record<string, MappedField> = { ...below.properties };
  for (const [name, field] of Object.entries(above.properties ?? {}))
    properties[name] = merge(properties[name] ?? {}, field);
  const named = Object.keys(properties).length === 0 ? {} : { properties };
  return { ...below, ...above, ...named };
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function refused(type: string, reason: string, toFailureStore: boolean): Created {
  return { status: 400, error: { type, reason }, toFailureStore };
}

/** The rules for names of indices, and those of the scheme `<type>-<dataset>-<namespace>` beside them. */
function nameProblem(name: string): string | undefined {
  if (name !== name.toLowerCase()) return 'must be lowercase';
  if (/[\\/*?"<>| ,#:]/.test(name))
    return 'must not contain the following characters [ , ", *, \\, <, |, ,, >, /, ?, #, :]';
  if (/^[-_+]/.test(name)) return "must not start with '_', '-', or '+'";
  if (Buffer.byteLength(name) > 255) return 'index name is too long';
  const [, dataset, namespace, ...more] = name.split('-');
  if (dataset === undefined || namespace === undefined || more.length > 0)
    return 'is no <type>-<dataset>-<namespace>';
  return Math.max(dataset.length, namespace.length) > 100 ? 'a part has more than 100 characters' : undefined;
}

function timestampProblem(document: Readonly<Record<string, unknown>>): MappingProblem | undefined {
  const time = document['@timestamp'];
  if (time === undefined || time === null) {
    return {
      type: 'document_parsing_exception',
      reason: 'data stream timestamp field [@timestamp] is missing',
    };
  }
  if (!Array.isArray(time)) return undefined;
  return {
    type: 'document_parsing_exception',
    reason: 'data stream timestamp field [@timestamp] encountered multiple values',
  };
}

/** An object of JSON without a name twice in one object, as Elasticsearch's own reader wants it. */
function parsed(source: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(source);
    if (hasDuplicates(source)) return undefined;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function hasDuplicates(source: string): boolean {
  const tokens = jsonTokens(source);
  const open: Set<string>[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (tokens[at + 1] === ':') {
      const names = open.at(-1);
      if (names?.has(token) === true) return true;
      names?.add(token);
    }
  }
  return false;
}
