import type { SecurityEvent } from '../../src/event.ts';
import type { Format } from '../../src/formats/format.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import type { RecordKind } from '../../src/record.ts';
import { type Leaf, leavesOf, withValues } from './leaves.ts';
import { changed, renderingsOf } from './unique-values.ts';
import { type WrittenFields, writtenFields } from './written-fields.ts';

/** Where a field's value comes from in one record. */
export interface Origin {
  /** Paths whose values are in the field; then those that take their place when they are missing, and so on. */
  readonly steps: readonly (readonly string[])[];
  /** What is written where no path has a value; undefined where nothing is. */
  readonly otherwise: string | undefined;
}

/** Where each field of each format comes from, by the format's place in the list that was traced. */
export type Origins = readonly ReadonlyMap<string, Origin>[];

/** Stands for a value that the record does not tell, but the connection. */
export const connectionTenant = 'tenant of the connection';
/** Stands for a field that holds the record itself. */
export const wholeRecord = 'the whole record';

/** So often a missing value is looked for elsewhere. */
const mostSteps = 5;

/** A record to trace; `within` leaves alone what does not begin with it. */
export interface Specimen {
  readonly name: string;
  readonly kind: RecordKind;
  readonly record: object;
  readonly within?: string;
}

/** A format and how it writes. */
export interface TracedFormat {
  readonly format: Format;
  readonly names: ReadonlySet<string>;
  readonly write: (event: SecurityEvent) => string;
}

/** Returns a format with its default options, as it is traced. */
export function tracedFormat(format: Format): TracedFormat {
  const formatter = format.create(format.options.parse({}));
  return {
    format,
    names: new Set(format.fields.map(({ name }) => name)),
    write: (event) => {
      const formatted = formatter(event, Number.POSITIVE_INFINITY);
      if (formatted.kind === 'oversize') throw new Error(`${format.name}: ${formatted.reason}`);
      return formatted.text;
    },
  };
}

/**
 * Finds out where the fields come from, by running the code: each leaf is changed, and the fields that change are looked
 * at; then what a field came from is removed, to see what takes its place. A leaf counts where the field holds its value;
 * where it holds none of those that change it, all of them do.
 */
export function traceOrigins(specimen: Specimen, formats: readonly TracedFormat[]): Origins {
  const leaves = leavesOf(specimen.record).filter(({ path }) => path.startsWith(specimen.within ?? ''));
  const base = eventOf(specimen, new Map());
  const variants = leaves
    .map((leaf) => ({ leaf, event: eventOf(specimen, new Map([[leaf, changed(leaf.value)]])) }))
    .map((variant) => ({ ...variant, isOther: factsOf(variant.event) !== factsOf(base) }));
  return formats.map((format) => {
    const text = format.write(base);
    const readsRecord = format.write({ ...base, json: '{}' }) !== text;
    const changes = variants.flatMap(({ leaf, event, isOther }) => {
      if (!isOther && !readsRecord) return [];
      const other = format.write(event);
      return other === text ? [] : [{ leaf, fields: writtenFields(other) }];
    });
    const origins = new Map<string, Origin>();
    const found = new Map<string, readonly Leaf[]>();
    const fields = writtenFields(text);
    for (const field of fields.names(format.names)) {
      const values = fields.values(field) ?? [];
      const influences = changes
        .filter(({ fields }) => !same(fields.values(field), values))
        .map(({ leaf }) => leaf);
      const carrying = influences.filter((leaf) => carries(values, leaf));
      const first = carrying.length > 0 ? carrying : influences;
      if (isRecord(values, specimen.record)) origins.set(field, { steps: [], otherwise: wholeRecord });
      else if (first.length === 0) origins.set(field, { steps: [], otherwise: shown(values) });
      else found.set(field, first);
    }
    // Fields of one origin lose it together.
    for (const group of Map.groupBy(found, ([, first]) => keyOf(first)).values()) {
      for (const [field, origin] of followed({ specimen, leaves, format }, group)) origins.set(field, origin);
    }
    return origins;
  });
}

interface Tracing {
  readonly specimen: Specimen;
  readonly leaves: readonly Leaf[];
  readonly format: TracedFormat;
}

/** Removes what fields came from, over and over, until they are gone or hold nothing of the record any more. */
function followed(
  tracing: Tracing,
  fields: readonly (readonly [field: string, first: readonly Leaf[]])[],
): readonly (readonly [field: string, origin: Origin])[] {
  const removed = new Map((fields[0]?.[1] ?? []).map((leaf) => [leaf, undefined]));
  const left = written(tracing, removed);
  return fields.map(([field, first]) => {
    const steps = [first];
    let gone = removed;
    let values = left.values(field);
    while (values !== undefined && steps.length < mostSteps) {
      const next = carriersOf(tracing, gone, field, values);
      if (next.length === 0) break;
      steps.push(next);
      gone = new Map(steps.flat().map((leaf) => [leaf, undefined]));
      values = written(tracing, gone).values(field);
    }
    return [field, { steps: steps.map(pathsOf), otherwise: values && shown(values) }];
  });
}

/**
 * The leaves that change a field once others are removed: those whose value it holds; where it holds none, all but those
 * that say what an object is. Of a hash none: everything decides that.
 */
function carriersOf(
  tracing: Tracing,
  removed: ReadonlyMap<Leaf, undefined>,
  field: string,
  values: readonly string[],
): readonly Leaf[] {
  const changes = (leaf: Leaf): boolean => {
    const fields = written(tracing, new Map<Leaf, unknown>([...removed, [leaf, changed(leaf.value)]]));
    return !same(fields.values(field), values);
  };
  const left = tracing.leaves.filter((leaf) => !removed.has(leaf));
  const carrying = left.filter((leaf) => carries(values, leaf) && changes(leaf));
  if (carrying.length > 0 || isHash(shown(values))) return carrying;
  const isRow = tracing.specimen.kind === 'hunting-event';
  const saysWhat = ({ path }: Leaf): boolean =>
    /\.(entityType|@odata\.type)$/.test(path) || (isRow && path === 'category');
  return left.filter((leaf) => !saysWhat(leaf) && changes(leaf));
}

function written({ specimen, format }: Tracing, values: ReadonlyMap<Leaf, unknown>): WrittenFields {
  return writtenFields(format.write(eventOf(specimen, values)));
}

/** The events of each specimen's variants: every format reads the same. */
const events = new WeakMap<Specimen, Map<string, SecurityEvent>>();

function eventOf(specimen: Specimen, values: ReadonlyMap<Leaf, unknown>): SecurityEvent {
  const known = events.get(specimen) ?? new Map<string, SecurityEvent>();
  events.set(specimen, known);
  const key = [...values].map(([{ at }, value]) => (value === undefined ? -at - 1 : at)).join();
  const before = known.get(key);
  if (before !== undefined) return before;
  const json = JSON.stringify(withValues(specimen.record, values));
  const event = normalise(recordOf(specimen.kind, json), { tenantId: connectionTenant });
  known.set(key, event);
  return event;
}

/** True for a text that is, or holds, a hash in hexadecimal digits, such as the id of a record that has none. */
export function isHash(value: string): boolean {
  return /[0-9a-f]{40}/.test(value);
}

function isRecord(values: readonly string[], record: object): boolean {
  const [text] = values;
  return values.length === 1 && text?.startsWith('{') === true && text === JSON.stringify(record);
}

/** The event but for its record, which every change changes. */
function factsOf(event: SecurityEvent): string {
  return JSON.stringify({ ...event, json: '' });
}

function same(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one !== undefined && one.length === other.length && one.every((value, at) => value === other[at]);
}

/** True where a field holds the leaf's value, or a part of it. */
function carries(values: readonly string[], { value }: Leaf): boolean {
  const renderings = renderingsOf(value);
  return values.some((written) => {
    const low = written.toLowerCase();
    return renderings.some((text) => holds(low, text) || holds(text, low));
  });
}

function holds(whole: string, part: string): boolean {
  return whole === part || (part.length >= 4 && whole.includes(part));
}

function keyOf(leaves: readonly Leaf[]): string {
  return leaves.map(({ at }) => at).join();
}

function pathsOf(leaves: readonly Leaf[]): readonly string[] {
  return [...new Set(leaves.map(({ path }) => path))];
}

function shown(values: readonly string[]): string {
  return [...new Set(values)].join(', ');
}
