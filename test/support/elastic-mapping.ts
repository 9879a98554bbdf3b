import { isIP } from 'node:net';

/** One field of a mapping, as a component template holds it. */
export interface MappedField {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, MappedField>>;
  readonly ignore_above?: number;
  readonly index?: boolean;
  readonly doc_values?: boolean;
  readonly value?: string;
  readonly dynamic?: boolean | string;
  readonly fields?: Readonly<Record<string, MappedField>>;
}

/** Why a document is refused: the type and the words of Elasticsearch's error. */
export interface MappingProblem {
  readonly type: string;
  readonly reason: string;
}

/** Longest term of an index, bytes. */
const longestTerm = 32_766;
/** `index.mapping.depth.limit`. */
const deepest = 20;

const isoDate = /^\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2}([.,]\d{1,9})?)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?$/;

/**
 * The mapping of one write index: it takes documents as Elasticsearch does by their fields' types, and where it is
 * dynamic it guesses the types of fields that it does not know, and keeps to them.
 */
export class IndexMapping {
  readonly #root: Record<string, MappedField>;
  readonly #dynamic: boolean;
  readonly #totalFields: number;

  constructor(mapping: MappedField | undefined, totalFields = 1000) {
    this.#root = structuredClone({ '@timestamp': { type: 'date' }, ...mapping?.properties });
    this.#dynamic = mapping?.dynamic !== false && mapping?.dynamic !== 'false';
    this.#totalFields = totalFields;
  }

  /** Fields and objects that it knows. */
  get size(): number {
    return countFields(this.#root);
  }

  /** Returns why a document is refused; undefined when it is taken. */
  check(document: Readonly<Record<string, unknown>>): MappingProblem | undefined {
    try {
      this.#object(document, this.#root, '', 1);
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error.problem;
      throw error;
    }
  }

  #object(
    members: Readonly<Record<string, unknown>>,
    known: Record<string, MappedField>,
    path: string,
    depth: number,
  ): void {
    if (depth > deepest)
      throw refused('illegal_argument_exception', `Limit of mapping depth [${deepest}] has been exceeded`);
    for (const [name, value] of Object.entries(members)) {
      if (name.trim() === '' || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
        throw refused(
          'document_parsing_exception',
          `field name cannot be an empty string or have empty parts: [${name}]`,
        );
      }
      const [head = '', ...rest] = name.split('.');
      const inner = rest.length === 0 ? value : { [rest.join('.')]: value };
      this.#member(head, inner, known, path === '' ? head : `${path}.${head}`, depth);
    }
  }

  #member(
    name: string,
    value: unknown,
    known: Record<string, MappedField>,
    path: string,
    depth: number,
  ): void {
    if (value === null) return;
    if (Array.isArray(value) && known[name]?.type !== 'flattened') {
      for (const element of value) this.#member(name, element, known, path, depth);
      return;
    }
    const field = known[name] ?? this.#guess(name, value, known);
    if (field === undefined) return;
    if (field.type === undefined || field.type === 'object' || field.type === 'nested') {
      if (typeof value !== 'object') {
        throw refused(
          'document_parsing_exception',
          `object mapping for [${path}] tried to parse field [${name}] as object, but found a concrete value`,
        );
      }
      const properties = field.properties ?? {};
      this.#object(value as Record<string, unknown>, properties, path, depth + 1);
      if (field.properties === undefined && Object.keys(properties).length > 0)
        known[name] = { ...field, properties };
      return;
    }
    checkLeaf(value, field, path);
    // The first value of such a field is the index's own.
    if (field.type === 'constant_keyword' && field.value === undefined)
      known[name] = { ...field, value: String(value) };
  }

  #guess(name: string, value: unknown, known: Record<string, MappedField>): MappedField | undefined {
    if (!this.#dynamic) return undefined;
    const field = guessed(value);
    if (this.size + 1 > this.#totalFields) {
      throw refused(
        'document_parsing_exception',
        `Limit of total fields [${this.#totalFields}] has been exceeded while adding new fields [1]`,
      );
    }
    known[name] = field;
    return field;
  }
}

class Refused extends Error {
  readonly problem: MappingProblem;

  constructor(problem: MappingProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

function refused(type: string, reason: string): Refused {
  return new Refused({ type, reason });
}

function checkLeaf(value: unknown, field: MappedField, path: string): void {
  for (const each of [field, ...Object.values(field.fields ?? {})]) {
    const problem = problemOf(value, each);
    const words = `failed to parse field [${path}] of type [${each.type}]: ${problem}`;
    if (problem !== undefined) throw refused('document_parsing_exception', words);
  }
}

/** Returns how many fields, objects and fields beside fields a mapping has, as its limit counts them. */
export function countFields(properties: Readonly<Record<string, MappedField>>): number {
  return Object.values(properties).reduce(
    (sum, field) => sum + 1 + countFields(field.properties ?? {}) + Object.keys(field.fields ?? {}).length,
    0,
  );
}

function guessed(value: unknown): MappedField {
  if (typeof value === 'object') return { properties: {} };
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'long' : 'float' };
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) && isoDate.test(value))
    return { type: 'date' };
  return { type: 'keyword', ignore_above: 1024 };
}

/** Returns why a value is none of a field's type; undefined when it is one. */
function problemOf(value: unknown, field: MappedField): string | undefined {
  const { type = 'object' } = field;
  if (type === 'flattened') return flattenedProblem(value, field);
  if (typeof value === 'object') return "Can't get text on a START_OBJECT";
  const text = String(value);
  switch (type) {
    case 'keyword':
    case 'wildcard':
    case 'constant_keyword':
      if (field.value !== undefined && field.value !== text)
        return `only accepts values that are equal to [${field.value}], but got [${text.slice(0, 40)}]`;
      return termProblem(text, field);
    case 'text':
    case 'match_only_text':
      return undefined;
    case 'ip':
      return typeof value === 'string' && isIP(text) > 0
        ? undefined
        : `'${text.slice(0, 40)}' is not an IP string literal.`;
    case 'date':
      return dateProblem(value);
    case 'long':
    case 'integer':
      return /^-?\d+(\.\d+)?$/.test(text) && inRange(text, type)
        ? undefined
        : `For input string: "${text.slice(0, 40)}"`;
    case 'float':
    case 'double':
    case 'scaled_float':
      return Number.isFinite(Number(text)) && text.trim() !== ''
        ? undefined
        : `For input string: "${text.slice(0, 40)}"`;
    case 'boolean':
      return ['true', 'false', ''].includes(text) ? undefined : 'only [true] or [false] are allowed';
    default:
      return `no handler for type [${type}] declared`;
  }
}

function inRange(text: string, type: string): boolean {
  const whole = BigInt(text.replace(/\..*$/, ''));
  const bits = type === 'long' ? 64 : 32;
  return BigInt.asIntN(bits, whole) === whole;
}

function dateProblem(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? undefined : 'failed to parse date field';
  const text = String(value);
  const read = isoDate.test(text) && !Number.isNaN(Date.parse(text.replace(/(\.\d{3})\d+/, '$1')));
  return read || /^-?\d{1,18}$/.test(text)
    ? undefined
    : `failed to parse date field [${text.slice(0, 40)}] with format [strict_date_optional_time||epoch_millis]`;
}

/** What is longer than `ignore_above` is not indexed, so that it may have any length. */
function termProblem(
  text: string,
  { ignore_above: most, index, doc_values: values, type }: MappedField,
): string | undefined {
  if (most !== undefined && text.length > most) return undefined;
  if ((index === false && values === false) || type === 'wildcard') return undefined;
  return Buffer.byteLength(text) > longestTerm
    ? `Document contains at least one immense term (whose UTF8 encoding is longer than the max length ${longestTerm})`
    : undefined;
}

function flattenedProblem(value: unknown, field: MappedField, depth = 1): string | undefined {
  if (value === null) return undefined;
  if (depth > deepest)
    return `The provided [flattened] field exceeds the maximum depth limit of [${deepest}]`;
  if (typeof value !== 'object') {
    return depth === 1
      ? 'Failed to parse object: expecting token of type [START_OBJECT]'
      : termProblem(String(value), field);
  }
  for (const [name, member] of Object.entries(value)) {
    if (name.includes('\0')) return 'Do not include null bytes in keys or values';
    const problem = flattenedProblem(member, field, Array.isArray(value) ? depth : depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
