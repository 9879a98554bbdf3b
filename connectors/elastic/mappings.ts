import { ecs } from '../../src/formats/ecs/ecs.ts';
import type { FormatField } from '../../src/formats/format.ts';

/** A field as a component template maps it. */
interface Mapped {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapped>>;
  readonly [parameter: string]: unknown;
}

/** Fields that the sink itself adds to each document. */
export const sinkFields: readonly FormatField[] = [
  { name: 'data_stream.type', fact: undefined, type: 'constant_keyword' },
  { name: 'data_stream.dataset', fact: undefined, type: 'constant_keyword' },
  { name: 'data_stream.namespace', fact: undefined, type: 'constant_keyword' },
];

const geoFields: readonly (readonly [name: string, type: string])[] = [
  ['geo.continent_name', 'keyword'],
  ['geo.country_iso_code', 'keyword'],
  ['geo.country_name', 'keyword'],
  ['geo.region_iso_code', 'keyword'],
  ['geo.region_name', 'keyword'],
  ['geo.city_name', 'keyword'],
  ['geo.location', 'geo_point'],
  ['as.number', 'long'],
  ['as.organization.name', 'keyword'],
];

/** Fields that the ingest pipeline of this folder adds. */
export const pipelineFields: readonly FormatField[] = [
  { name: 'event.ingested', fact: undefined, type: 'date' },
  { name: 'error.message', fact: undefined, type: 'match_only_text' },
  ...['source', 'destination'].flatMap((side) =>
    geoFields.map(([name, type]) => ({ name: `${side}.${name}`, fact: undefined, type })),
  ),
];

/** Every field of a document as it is stored. */
export const storedFields: readonly FormatField[] = [...ecs.fields, ...sinkFields, ...pipelineFields];

/** What beside its type a field needs, by type: longer text is stored, yet not searched for (formats reference §6.1). */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  keyword: { ignore_above: 1024 },
  flattened: { ignore_above: 1024 },
};

/** Fields that are kept as they came, and searched for by nobody. */
const stored: ReadonlySet<string> = new Set(['event.original']);

/**
 * Returns the body of the component template that maps exactly these fields, and no others: a field that nobody has named
 * is stored, yet makes no mapping.
 */
export function mappingsTemplate(fields: readonly FormatField[]): object {
  const root: Record<string, Mapped> = {};
  for (const { name, type = 'keyword' } of fields) {
    if (type !== 'object' && type !== 'nested')
      place(root, name.replaceAll('[]', '').split('.'), leaf(name, type));
  }
  return {
    template: { mappings: { dynamic: false, date_detection: false, properties: sorted(root) } },
    _meta: { description: 'Fields of defender-siem; written by `npm run docs`' },
  };
}

function leaf(name: string, type: string): Mapped {
  if (stored.has(name)) return { type, index: false, doc_values: false };
  return { type, ...parameters[type] };
}

function place(
  properties: Record<string, Mapped>,
  [head = '', ...rest]: readonly string[],
  field: Mapped,
): void {
  if (rest.length === 0) {
    properties[head] = field;
    return;
  }
  const inner: Record<string, Mapped> = { ...properties[head]?.properties };
  place(inner, rest, field);
  properties[head] = { properties: inner };
}

function sorted(properties: Readonly<Record<string, Mapped>>): Record<string, Mapped> {
  return Object.fromEntries(
    Object.entries(properties)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [
        name,
        field.properties === undefined ? field : { properties: sorted(field.properties) },
      ]),
  );
}
