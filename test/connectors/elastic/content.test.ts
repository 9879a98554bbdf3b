import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pipelineFields, sinkFields, storedFields } from '../../../connectors/elastic/mappings.ts';
import { ecs } from '../../../src/formats/ecs/ecs.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import type { Payload } from '../../../src/sinks/sink.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import { asset, installContent, installSteps } from '../../support/elastic-content.ts';
import { countFields, IndexMapping, type MappedField } from '../../support/elastic-mapping.ts';
import { elasticRig } from '../../support/elastic-rig.ts';
import { fullEvent, hostileEvent } from '../../support/events.ts';

const never = new AbortController().signal;
const plain = (name: string) => name.replaceAll('[]', '');
const mappings = (asset('component-template-mappings.json') as { template: { mappings: MappedField } })
  .template.mappings;
const mapped = new Map(leavesOf(mappings.properties ?? {}));

/** Fields of the lowest level, by their paths. */
function leavesOf(
  properties: Readonly<Record<string, MappedField>>,
  path = '',
): (readonly [string, MappedField])[] {
  return Object.entries(properties).flatMap(([name, field]) =>
    field.properties === undefined
      ? [[path + name, field] as const]
      : leavesOf(field.properties, `${path}${name}.`),
  );
}

/** Paths of all that a document holds, lists left out. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => pathsOf(element, path));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, path === '' ? name : `${path}.${name}`),
  );
}

describe('the component template', () => {
  test('maps what the format writes, the sink adds and the pipeline adds, and nothing else', () => {
    const written = storedFields.filter(({ type }) => type !== 'object').map(({ name }) => plain(name));
    expect([...mapped.keys()].toSorted()).toEqual([...new Set(written)].toSorted());
    for (const { name, type } of storedFields)
      if (type !== 'object') expect([name, mapped.get(plain(name))?.type]).toEqual([name, type]);
  });

  test('keeps far from the limit of fields, and lets none be guessed', () => {
    expect(mappings.dynamic).toBe(false);
    expect(countFields(mappings.properties ?? {})).toBeLessThan(500);
  });

  test('keeps long words out of the index, lest one of them loses its document', () => {
    const endless = [...mapped].filter(
      ([name, { type, ignore_above: most }]) =>
        type === 'keyword' && most === undefined && name !== 'event.original',
    );
    expect(endless).toEqual([]);
    expect(mapped.get('event.original')).toMatchObject({ index: false, doc_values: false });
  });
});

describe('every record that is stored', () => {
  test('has been taken by the templates as install.sh puts them, each field a mapped one; sent again, nothing changes', async () => {
    await using rig = await elasticRig({ tls: true });
    installContent(rig.server);
    const format = ecs.create(ecs.options.parse({ original: true }));
    const events = [
      ...fixtures.map(({ name, kind, json }) => ({
        ...normalise(recordOf(kind, json), {}),
        id: name,
        recordId: name,
      })),
      fullEvent,
    ];
    const sent = events.map((event): Payload => {
      const formatted = format(event, rig.sink.payloadBytes(event));
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      return { event, text: formatted.text };
    });
    const outcomes = await rig.sink.send(sent, never);
    expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
    expect(rig.server.stored).toHaveLength(sent.length);
    const strays = new Set(
      rig.server.stored.flatMap(({ document }) => pathsOf(document)).filter((path) => !mapped.has(path)),
    );
    expect([...strays]).toEqual([]);
    for (const { index, document } of rig.server.stored) {
      const { dataset } = document.data_stream as { dataset: string };
      expect(index).toBe(`logs-${dataset}-default`);
      expect((document.event as { dataset: string }).dataset).toBe(dataset);
    }
    await rig.sink.send(sent, never);
    expect(new Set(rig.server.statuses.slice(sent.length))).toEqual(new Set([409]));
    expect(rig.server.stored).toHaveLength(sent.length);
  });
});

test('no text that an attacker chose makes a document that the mapping refuses, or a field that it does not know', () => {
  const format = ecs.create(ecs.options.parse({ original: true }));
  const known = new IndexMapping(mappings);
  fc.assert(
    fc.property(hostileEvent, (event) => {
      const formatted = format(event, Number.POSITIVE_INFINITY);
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      const document = JSON.parse(formatted.text) as Record<string, unknown>;
      expect(known.check(document)).toBeUndefined();
      expect(pathsOf(document).filter((path) => !mapped.has(path))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

interface IndexTemplate {
  readonly index_patterns: readonly string[];
  readonly composed_of: readonly string[];
  readonly ignore_missing_component_templates: readonly string[];
}

test('the index template is made of what install.sh puts, and takes what the key may write to', () => {
  const template = asset('index-template.json') as IndexTemplate;
  const components = [...installSteps('install'), ...installSteps('ilm')]
    .map(({ path }) => /^_component_template\/(.+)$/.exec(path)?.[1])
    .filter((name) => name !== undefined);
  expect(template.composed_of).toEqual([...components, 'microsoft_defender@custom']);
  expect(template.composed_of.slice(0, 2)).toEqual(
    installSteps('install').flatMap(({ path }) => /^_component_template\/(.+)$/.exec(path)?.[1] ?? []),
  );
  expect(template.ignore_missing_component_templates).toEqual(template.composed_of.slice(2));
  const key = asset('api-key.json') as {
    role_descriptors: Record<string, { indices: { names: string[]; privileges: string[] }[] }>;
  };
  const [role] = Object.values(key.role_descriptors);
  expect(role?.indices[0]?.names).toEqual(expect.arrayContaining([...template.index_patterns]));
  expect(role?.indices[0]?.privileges).toEqual(['create_doc', 'auto_configure', 'view_index_metadata']);
});

test('settings and policy name what is installed', () => {
  const settings = JSON.stringify(asset('component-template-settings.json'));
  const paths = installSteps('install').map(({ path }) => path);
  const pipeline = /"final_pipeline":"([^"]+)"/.exec(settings)?.[1];
  expect(paths).toContain(`_ingest/pipeline/${pipeline}`);
  const ilm = /"name":"([^"]+)"/.exec(JSON.stringify(asset('component-template-ilm.json')))?.[1];
  expect(installSteps('ilm').map(({ path }) => path)).toContain(`_ilm/policy/${ilm}`);
  const { policy } = asset('ilm-policy.json') as { policy: { phases: Record<string, { actions: object }> } };
  expect(Object.keys(policy.phases)).toEqual(['hot', 'warm', 'delete']);
  expect(Object.keys(policy.phases.hot?.actions ?? {})).toContain('rollover');
});

type Processor = Readonly<Record<string, unknown>>;

describe('the ingest pipeline', () => {
  const pipeline = asset('ingest-pipeline.json') as {
    processors: Readonly<Record<string, Processor>>[];
    on_failure: Readonly<Record<string, Processor>>[];
  };
  /** What each kind of processor must name. */
  const required: Readonly<Record<string, readonly string[]>> = {
    set: ['field', 'copy_from'],
    geoip: ['field', 'target_field', 'properties', 'ignore_missing'],
    rename: ['field', 'target_field', 'ignore_missing'],
    append: ['field', 'value'],
  };
  const steps: (readonly [string, Processor])[] = [...pipeline.processors, ...pipeline.on_failure].map(
    (step) => Object.entries(step)[0] ?? (['', {}] as const),
  );

  test('is made of processors that there are, each with its own tag and what it needs', () => {
    for (const [kind, step] of steps) {
      expect(Object.keys(required)).toContain(kind);
      for (const name of required[kind] ?? []) expect(Object.keys(step)).toContain(name);
    }
    const tags = steps.map(([, { tag }]) => tag);
    expect(new Set(tags).size).toBe(tags.length);
  });

  test('reads fields of the format, and adds exactly those that the template maps for it', () => {
    const renamed = new Set(steps.filter(([kind]) => kind === 'rename').map(([, { field }]) => field));
    const added = steps.flatMap(([kind, step]): unknown[] => {
      if (kind !== 'geoip') return [kind === 'rename' ? step.target_field : step.field];
      return (step.properties as string[]).map((property) => `${step.target_field}.${property}`);
    });
    expect(added.filter((field) => !renamed.has(field)).toSorted()).toEqual(
      pipelineFields.map(({ name }) => name).toSorted(),
    );
    const read = steps.filter(([kind]) => kind === 'geoip').map(([, { field }]) => field);
    const written = ecs.fields.map(({ name }) => plain(name));
    expect(written).toEqual(expect.arrayContaining(read));
  });
});

describe('the detection rules', () => {
  const file = readFileSync(
    new URL('../../../connectors/elastic/assets/detection-rules.ndjson', import.meta.url),
    'utf8',
  );
  const rules = file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string> & { index?: string[] });
  const known = new Set([...mapped.keys()]);

  test.each(rules.map((rule) => [rule.name, rule] as const))(
    '%s has what Kibana wants of a rule',
    (_name, rule) => {
      expect(rule.rule_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(['low', 'medium', 'high', 'critical']).toContain(rule.severity);
      expect(Number(rule.risk_score)).toBeGreaterThan(0);
      expect(rule.interval).toMatch(/^\d+[smh]$/);
      expect(rule.from).toMatch(/^now-\d+[smh]$/);
      expect(rule.enabled).toBe(false);
      expect(rule.description).toBeTruthy();
      expect([rule.type, rule.language]).toEqual(
        rule.type === 'esql' ? ['esql', 'esql'] : ['query', 'kuery'],
      );
      // A query rule looks at its patterns, an ES|QL rule at what it says itself.
      expect(rule.index === undefined).toBe(rule.type === 'esql');
      const patterns = rule.index ?? [/^FROM (\S+) \|/.exec(rule.query ?? '')?.[1]];
      for (const pattern of patterns)
        expect(pattern).toMatch(/^logs-microsoft_defender\.(alert|connector)-\*$/);
    },
  );

  test.each(rules.map((rule) => [rule.name, rule] as const))(
    '%s names fields that are written, with words that are',
    (_name, rule) => {
      const query = (rule.query ?? '').replaceAll(/"[^"]*"/g, '""').replace(/^FROM \S+/, '');
      const named = [...query.matchAll(/@?[a-z][a-z_]*(?:\.[a-zA-Z_]+)+|@timestamp/g)].map(
        ([field]) => field,
      );
      expect(named.length).toBeGreaterThan(0);
      const others = [rule.timestamp_override, rule.rule_name_override].filter(
        (field) => field !== undefined,
      );
      const noted = [...(rule.note ?? '').matchAll(/`([a-z_]+(?:\.[A-Za-z0-9_]+)+)/g)].map(
        ([, field = '']) => field,
      );
      expect([...named, ...others, ...noted].filter((field) => !known.has(field))).toEqual([]);
      expect(balanced(rule.query ?? '')).toBe(true);
    },
  );

  test('the words that rules look for are those of the connector’s own events', () => {
    const codes = [...file.matchAll(/event\.code == \\"([^\\]+)\\"/g)].map(([, code]) => code);
    const record = (type: string, state?: string) =>
      recordOf(
        'connector',
        JSON.stringify({
          schema: 'defender-siem/connector-event/1',
          id: 'h',
          type,
          state,
          time: '2026-11-03T08:00:00Z',
        }),
      );
    expect(codes).toEqual([normalise(record('heartbeat'), {}).detectorId]);
    expect(normalise(record('gap', 'opened'), {}).status).toBe('opened');
  });
});

test('the searches of the page name fields that are written', () => {
  const readme = readFileSync(new URL('../../../connectors/elastic/README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block = '']) => block.trim());
  const searches = blocks.filter((block) => /^(FROM |data_stream)/.test(block));
  expect(searches).toHaveLength(5);
  const bare = searches.map((search) => search.replaceAll(/"[^"]*"/g, '""').replaceAll(/FROM \S+/g, ''));
  const named = bare.flatMap((search) => search.match(/\b[a-z_]+(?:\.[a-zA-Z_]+)+/g) ?? []);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((field) => !mapped.has(field))).toEqual([]);
});

/** Whether each bracket and quote of a query has its other half. */
function balanced(query: string): boolean {
  const bare = query.replaceAll(/"[^"]*"/g, '');
  return !bare.includes('"') && bare.split('(').length === bare.split(')').length;
}

test('the sink adds what its fields say', () => {
  expect(sinkFields.map(({ name }) => name)).toEqual(
    ['type', 'dataset', 'namespace'].map((part) => `data_stream.${part}`),
  );
});
