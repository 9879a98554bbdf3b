import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sourceOf, sourcetypes } from '../../../connectors/splunk/event.ts';
import { connectorVendor } from '../../../src/connector-facts.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import { cef } from '../../../src/formats/cef/cef.ts';
import { connectorJson } from '../../../src/normalise/connector-event.ts';
import { normalise, recordOf, recordTypes } from '../../../src/normalise/index.ts';
import { productOf } from '../../../src/normalise/product.ts';
import type { RecordKind } from '../../../src/record.ts';
import { parseCef } from '../../support/cef-parser.ts';
import { plainCsv } from '../../support/csv.ts';
import { addOnTexts, indexedByHec, indexedBySyslog } from '../../support/splunk/add-on.ts';
import { readConf } from '../../support/splunk/conf-file.ts';
import { type Expression, parseEval, partsOf } from '../../support/splunk/eval-expression.ts';
import { namedEvents } from '../../support/splunk/records.ts';
import { aliasesOf, SearchTime } from '../../support/splunk/search-time.ts';
import { pathsOf } from '../../support/splunk/spath.ts';

const text = (path: string) => addOnTexts.get(path) ?? '';
const props = readConf(text('default/props.conf')).stanzas;
const searchTime = new SearchTime(addOnTexts);
const unmapped = new SearchTime(new Map([...addOnTexts].map(([path, held]) => [path, withoutEvals(held)])));
const heartbeat = connectorEvent({ type: 'heartbeat', state: undefined, lagSeconds: 12 });
const fullAlert = theEvent('full Graph alert');
const opened = connectorEvent({ type: 'dead-letters', state: 'opened', lagSeconds: undefined });
const events = [...namedEvents.map(({ event }) => event), heartbeat, opened];

/** Returns the parts of all expressions of a stanza. */
function expressionsOf(stanza: string): readonly Expression[] {
  const settings = props.find(({ name }) => name === stanza)?.settings ?? new Map<string, string>();
  return [...settings].flatMap(([key, value]) => (key.startsWith('EVAL-') ? partsOf(parseEval(value)) : []));
}

/** The stanza that says what records of a kind mean: of the source where Splunk's own add-ons have the source type. */
function stanzaOf(kind: RecordKind): string {
  const bySource = `source::${sourceOf(kind)}`;
  return props.some(({ name }) => name === bySource) ? bySource : sourcetypes[kind];
}

describe('source types and sources are those that the sink writes', () => {
  const kinds = Object.keys(sourcetypes) as RecordKind[];
  test('each has a stanza, and no other has', () => {
    const written = [...Object.values(sourcetypes), ...kinds.map((kind) => `source::${sourceOf(kind)}`)];
    const stanzas = props.map(({ name }) => name).filter((name) => name !== 'defender-siem:cef');
    expect(stanzas.filter((name) => !written.includes(name))).toEqual([]);
    expect(Object.values(sourcetypes).filter((name) => !stanzas.includes(name))).toEqual([]);
  });
  test('the fields that HEC indexes are bound to them', () => {
    const bound = readConf(text('default/fields.conf')).stanzas.map(({ name }) => name);
    const written = events.flatMap((event) => {
      const { sourcetype, fields } = indexedByHec(event);
      return Object.keys(fields).map((field) => `sourcetype::${sourcetype}::${field}`);
    });
    const tracked = recordTypes.filter(({ track }) => track !== undefined);
    const changed = tracked.map(({ kind }) => `sourcetype::${sourcetypes[kind]}::changes`);
    expect(new Set(bound)).toEqual(new Set([...written, ...changed]));
  });
});

describe('every path that is read stands in records of its kind', () => {
  test.each([
    'graph-alert',
    'alert',
    'detection',
    'incident',
    'hunting-event',
    'device',
    'connector',
  ] as const)('%s', (kind) => {
    const there = new Set(
      events.filter((event) => event.kind === kind).flatMap(({ json }) => [...pathsOf(json)]),
    );
    const read = expressionsOf(stanzaOf(kind)).flatMap((part) =>
      part.kind === 'call' && part.name === 'spath' && part.args[1]?.kind === 'text'
        ? [part.args[1].value]
        : [],
    );
    // A row may be queried or streamed: that it has the column is what counts.
    const known = (path: string) =>
      there.has(path) ||
      (kind === 'hunting-event' &&
        (there.has(`properties.${path}`) || there.has(path.replace(/^properties\./, ''))));
    expect(read.length).toBeGreaterThan(0);
    expect([...new Set(read)].filter((path) => !known(path))).toEqual([]);
  });
});

/** What the add-on calls the fields of the header. */
const headerNames: Readonly<Record<string, string>> = {
  deviceProduct: 'cef_product',
  deviceEventClassId: 'cef_class',
  name: 'cef_name',
  severity: 'cef_severity',
};

describe('CEF by syslog', () => {
  const keys = new Set(cef.fields.map(({ name }) => headerNames[name] ?? name));
  const format = cef.create(cef.options.parse({}));
  const lineOf = (event: SecurityEvent) => {
    const formatted = format(event, Number.POSITIVE_INFINITY);
    if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
    return formatted.text;
  };

  test('the keys that are read are keys that the format writes', () => {
    const read = expressionsOf('defender-siem:cef').flatMap((part) =>
      part.kind === 'field' ? [part.name] : [],
    );
    expect([...new Set(read)].filter((name) => !keys.has(name) && name !== 'cef_vendor')).toEqual([]);
  });
  test('the custom keys have the names of their labels', () => {
    const settings = props.find(({ name }) => name === 'defender-siem:cef')?.settings;
    const aliases = aliasesOf(settings?.get('FIELDALIAS-defender_siem_labels') ?? '');
    const labels = cef.fields.flatMap(({ name, label }) =>
      label === undefined ? [] : [`${name} AS ${label.replaceAll(' ', '_')}`],
    );
    expect(new Set(aliases.map(([from, to]) => `${from} AS ${to}`))).toEqual(new Set(labels));
  });
  test('every key of every record is extracted, with the value that a strict parser finds', () => {
    const wrong = events.flatMap((event) => {
      const line = lineOf(event);
      const { header, extension } = parseCef(line);
      const fields = unmapped.fieldsOf(indexedBySyslog(line));
      const expected: readonly (readonly [key: string, value: string])[] = [
        ['cef_vendor', header.vendor],
        ['cef_product', header.product],
        ['cef_class', header.classId],
        ['cef_name', header.name],
        ['cef_severity', String(header.severity)],
        ...extension,
      ];
      return expected
        .map(([key, value]) => ({ key, value, found: unescaped(fields.get(key)?.[0]) }))
        .filter(({ value, found }) => value !== found);
    });
    expect(wrong).toEqual([]);
  });
  test('a title that looks like a field is none', () => {
    const line = lineOf({
      ...fullAlert,
      title: 'x| dst=1.2.3.4 cat=None',
      description: 'a=b \\= dst=5.6.7.8',
    });
    const fields = searchTime.fieldsOf(indexedBySyslog(line));
    expect(fields.get('signature')).toEqual(['x| dst=1.2.3.4 cat=None']);
    expect(fields.get('category')).toEqual([fullAlert.category]);
    expect(fields.get('dst') ?? []).not.toContain('1.2.3.4');
    expect(fields.get('dst') ?? []).not.toContain('5.6.7.8');
  });
  test("a relay's header before it changes nothing", () => {
    const line = lineOf(fullAlert);
    const bare = searchTime.fieldsOf(indexedBySyslog(line));
    const led = searchTime.fieldsOf(indexedBySyslog(`2026-11-03T08:26:10Z host defender-siem - - - ${line}`));
    expect([...led].filter(([key]) => key !== '_raw')).toEqual([...bare].filter(([key]) => key !== '_raw'));
  });
});

describe("the connector's own events", () => {
  const told = [
    'connector_event',
    'connector_state',
    'connector_number',
    'connector_tenant',
    'connector_source',
    'connector_sink',
    'connector_version',
    'lag_seconds',
    'watermark',
    'last_success',
    'accepted',
    'repeated',
    'severity',
    'severity_id',
    'description',
    'dest',
    'id',
  ];

  test.each([
    ['heartbeat', heartbeat],
    ['dead letters', opened],
  ] as const)('%s: the same fields by HEC and by syslog', (_name, event) => {
    const formatted = cef.create(cef.options.parse({}))(event, Number.POSITIVE_INFINITY);
    const line = formatted.kind === 'formatted' ? formatted.text : '';
    const [byHec, bySyslog] = [indexedByHec(event), indexedBySyslog(line)].map((indexed) => {
      const fields = searchTime.fieldsOf(indexed);
      return Object.fromEntries(
        told.map((field) => [field, fields.get(field)?.[0]?.replace(/\.\d+Z$/, 'Z')]),
      );
    });
    expect(bySyslog).toEqual(byHec);
    expect(byHec).toMatchObject({
      connector_event: event.detectorId?.replace('connector-', ''),
      connector_number: '7',
    });
    expect(searchTime.fieldsOf(indexedByHec(event)).get('eventtype')).toEqual(['defender_siem_connector']);
    expect(searchTime.fieldsOf(indexedBySyslog(line)).get('eventtype')).toEqual(['defender_siem_connector']);
  });
});

test('products have the names that the formats give them', () => {
  const rows = plainCsv(text('lookups/defender_siem_product.csv'));
  expect(
    rows.map(({ service, vendor_product }) => [service, productOf(service, undefined), vendor_product]),
  ).toEqual(rows.map(({ service, vendor_product }) => [service, vendor_product, vendor_product]));
});

test('SC4S knows every product and the connector by vendor and product', () => {
  const file = new URL('../../../connectors/splunk/sc4s/splunk_metadata.csv', import.meta.url);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const rows = plainCsv(text('lookups/defender_siem_product.csv'));
  const products = ['Microsoft Defender', ...rows.map(({ vendor_product }) => vendor_product)];
  const keys = [
    ...products.map((product) => `Microsoft_${product}`),
    `${connectorVendor}_${connectorVendor}`,
  ];
  const expected = [...new Set(keys)].flatMap((key) => [
    `${key},sourcetype,defender-siem:cef`,
    `${key},index,defender`,
  ]);
  expect(new Set(lines)).toEqual(new Set(expected));
});

/** An event of the connector's own with every fact. */
function connectorEvent(facts: {
  readonly type: 'heartbeat' | 'dead-letters';
  readonly state: 'opened' | undefined;
  readonly lagSeconds: number | undefined;
}): SecurityEvent {
  const at = '2026-11-03T08:26:10.0000000Z' as Parameters<typeof connectorJson>[0]['time'];
  const json = connectorJson({
    id: `${facts.type}/contoso/alerts/7`,
    number: 7,
    severity: 'high',
    time: at,
    since: at,
    message: 'a message = with | signs',
    tenant: 'contoso',
    tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c',
    source: 'alerts',
    sink: 'splunk',
    watermark: at,
    accepted: 3,
    repeated: 1,
    lastSuccess: at,
    host: 'connector',
    connectorVersion: '0.1.0',
    ...facts,
  });
  return normalise(recordOf('connector', json), {});
}

function theEvent(name: string): SecurityEvent {
  const found = namedEvents.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no record ${name}`);
  return found.event;
}

function withoutEvals(conf: string): string {
  return conf.replaceAll(/^EVAL-.*\n/gm, '');
}

/** Undoes what the encoder of CEF's extension does. */
function unescaped(value: string | undefined): string | undefined {
  return value?.replaceAll(/\\(.)/g, (_whole, next: string) =>
    next === 'n' ? '\n' : next === 'r' ? '\r' : next,
  );
}
