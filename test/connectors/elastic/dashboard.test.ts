import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storedFields } from '../../../connectors/elastic/mappings.ts';

interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

interface SavedObject {
  readonly id: string;
  readonly type: string;
  readonly references: readonly Reference[];
  readonly attributes: Readonly<Record<string, unknown>> & {
    readonly kibanaSavedObjectMeta?: { readonly searchSourceJSON: string };
  };
}

interface Column {
  readonly sourceField: string;
  readonly operationType: string;
  readonly dataType: string;
  readonly params?: { readonly orderBy?: { readonly columnId: string } };
}

interface Panel {
  readonly type: string;
  readonly panelIndex: string;
  readonly panelRefName?: string;
  readonly gridData: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly i: string;
  };
  readonly embeddableConfig: {
    readonly attributes?: {
      readonly references: readonly Reference[];
      readonly visualizationType: string;
      readonly state: {
        readonly query: { readonly query: string };
        readonly datasourceStates: {
          readonly formBased: {
            readonly layers: Readonly<
              Record<string, { columnOrder: string[]; columns: Record<string, Column> }>
            >;
          };
        };
        readonly visualization: unknown;
      };
    };
  };
}

const file = readFileSync(
  new URL('../../../connectors/elastic/assets/dashboard.ndjson', import.meta.url),
  'utf8',
);
const objects = file
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as SavedObject);
const dashboard = objects.find(({ type }) => type === 'dashboard');
const panels = JSON.parse(String(dashboard?.attributes.panelsJSON)) as Panel[];
const types = new Map(storedFields.map(({ name, type }) => [name.replaceAll('[]', ''), type]));

/** Fields that a query names. */
function fieldsOf(query: string): readonly string[] {
  return query.replaceAll(/"[^"]*"/g, '""').match(/[a-z_]+(?:\.[A-Za-z_]+)+/g) ?? [];
}

test('every object that one refers to is in the file', () => {
  const known = objects.map(({ type, id }) => `${type} ${id}`);
  expect(objects.map(({ type }) => type)).toEqual(['index-pattern', 'search', 'search', 'dashboard']);
  const nested = panels.flatMap(({ embeddableConfig: { attributes } }) => attributes?.references ?? []);
  for (const { type, id } of [...objects.flatMap(({ references }) => references), ...nested]) {
    expect(known).toContain(`${type} ${id}`);
  }
});

test('each panel has a place of its own, and the reference that it is found by', () => {
  const cells = new Set<string>();
  const names = (dashboard?.references ?? []).map(({ name }) => name);
  for (const { panelIndex, panelRefName, gridData, embeddableConfig } of panels) {
    expect(gridData.i).toBe(panelIndex);
    expect(gridData.x + gridData.w).toBeLessThanOrEqual(48);
    for (let x = gridData.x; x < gridData.x + gridData.w; x++) {
      for (let y = gridData.y; y < gridData.y + gridData.h; y++) {
        expect(cells.has(`${x},${y}`)).toBe(false);
        cells.add(`${x},${y}`);
      }
    }
    const own = panelRefName ?? embeddableConfig.attributes?.references[0]?.name;
    expect(names).toContain(`${panelIndex}:${own}`);
  }
  expect(names).toHaveLength(panels.length);
});

/** Types of fields that an operation takes. */
const takes: Readonly<Record<string, readonly string[]>> = {
  max: ['date', 'long'],
  terms: ['keyword', 'long'],
  date_histogram: ['date'],
  unique_count: ['keyword'],
};

const states = panels.flatMap(({ embeddableConfig: { attributes } }) => attributes?.state ?? []);

test('the panels name columns that they have', () => {
  for (const { datasourceStates, visualization } of states) {
    for (const [layer, { columnOrder, columns }] of Object.entries(datasourceStates.formBased.layers)) {
      expect(columnOrder.toSorted()).toEqual(Object.keys(columns).toSorted());
      for (const id of [layer, ...columnOrder]) expect(JSON.stringify(visualization)).toContain(id);
      const sorted = Object.values(columns).flatMap(({ params }) => params?.orderBy?.columnId ?? []);
      expect(columnOrder).toEqual(expect.arrayContaining(sorted));
    }
  }
});

test('the panels name fields that are written, each of a type that takes the operation', () => {
  const layers = states.flatMap(({ datasourceStates }) => Object.values(datasourceStates.formBased.layers));
  for (const { sourceField, operationType, dataType } of layers.flatMap(({ columns }) =>
    Object.values(columns),
  )) {
    const type = types.get(sourceField);
    expect(takes[operationType]).toContain(type);
    expect(dataType === 'string').toBe(operationType === 'terms' && type === 'keyword');
  }
  const named = states.flatMap(({ query }) => fieldsOf(query.query));
  expect(named.filter((field) => !types.has(field))).toEqual([]);
});

test('the searches name fields that are written', () => {
  for (const { attributes } of objects.filter(({ type }) => type === 'search')) {
    const { query } = JSON.parse(attributes.kibanaSavedObjectMeta?.searchSourceJSON ?? '') as {
      query: { query: string };
    };
    const named = [...fieldsOf(query.query), ...(attributes.columns as string[])];
    expect(named.filter((field) => !types.has(field))).toEqual([]);
  }
});
