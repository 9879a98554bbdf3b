import { describe, expect, test } from 'vitest';
import { instantOf } from '../../src/fields/instant.ts';
import { cef } from '../../src/formats/cef/cef.ts';
import { ecs } from '../../src/formats/ecs/ecs.ts';
import type { Formatter } from '../../src/formats/format.ts';
import { json } from '../../src/formats/json/json.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { ocsf } from '../../src/formats/ocsf/ocsf.ts';
import { type ConnectorEvent, connectorJson } from '../../src/normalise/connector-event.ts';
import { normalise, recogniseKind, recordOf } from '../../src/normalise/index.ts';
import { parseCef } from '../support/cef-parser.ts';
import { parseEcs } from '../support/ecs-reader.ts';
import { parseLeef } from '../support/leef-parser.ts';
import { parseOcsf } from '../support/ocsf-reader.ts';

const now = Date.UTC(2026, 10, 3, 8, 26, 10, 123);

const common = {
  tenant: 'contoso',
  tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c',
  host: 'connector.contoso.com',
  connectorVersion: '0.3.0',
  time: instantOf(now),
};

const heartbeat: ConnectorEvent = {
  ...common,
  id: 'heartbeat/contoso/alerts/17',
  type: 'heartbeat',
  number: 17,
  state: undefined,
  severity: 'informational',
  since: undefined,
  message:
    'read up to 2026-11-03T08:26:00.0000000Z, 10s behind; 340 accepted and 12 repeated since the start',
  source: 'alerts',
  sink: undefined,
  watermark: instantOf(now - 10_123),
  lagSeconds: 10,
  accepted: 340,
  repeated: 12,
  lastSuccess: instantOf(now - 1000),
};

const opened: ConnectorEvent = {
  ...common,
  id: 'dead-letters///a-sink-with-a-name-that-is-longer-than-usual/2',
  type: 'dead-letters',
  number: 2,
  state: 'opened',
  severity: 'high',
  since: instantOf(now),
  message: 'has refused 3 events for good: a|b=c\\',
  tenant: undefined,
  tenantId: undefined,
  source: undefined,
  sink: 'a-sink-with-a-name-that-is-longer-than-usual',
};

const closed: ConnectorEvent = {
  ...opened,
  state: 'closed',
  severity: 'informational',
  time: instantOf(now + 60_000),
  message: 'It is over.',
};

const formats: readonly { name: string; format: Formatter; parse: (line: string) => unknown }[] = [
  { name: 'cef', format: cef.create(cef.options.parse({ product: 'Something else' })), parse: parseCef },
  { name: 'leef-2.0', format: leef.create(leef.options.parse({})), parse: parseLeef },
  { name: 'leef-1.0', format: leef.create(leef.options.parse({ version: '1.0' })), parse: parseLeef },
  { name: 'json', format: json.create({}), parse: JSON.parse },
  { name: 'ecs', format: ecs.create({ original: false }), parse: parseEcs },
  { name: 'ocsf', format: ocsf.create({ version: '1.8.0', raw: false }), parse: parseOcsf },
];

const events = [heartbeat, opened, closed].map((event) =>
  normalise(recordOf('connector', connectorJson(event)), {}),
);

describe.each(formats)('$name', ({ name, format, parse }) => {
  test("of the connector's own events is as blessed, and strict readers take it", async () => {
    const lines = events.map((event) => {
      const formatted = format(event, Number.POSITIVE_INFINITY);
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      parse(formatted.text);
      return `${formatted.text}\n`;
    });
    await expect(lines.join('')).toMatchFileSnapshot(`golden/${name}/connector-events.txt`);
  });

  test('fits where little fits', () => {
    // What every event of OCSF says of its class and of itself takes most of a datagram.
    const little = name === 'ocsf' ? 1280 : 1024;
    for (const event of events) expect(format(event, little)).toMatchObject({ kind: 'formatted' });
  });
});

test('such a record is recognised, and has its identity', () => {
  const text = connectorJson(opened);
  expect(recogniseKind(text)).toBe('connector');
  const { id, version, updated, tracked } = recordOf('connector', text);
  expect({ id, version, updated, tracked }).toEqual({
    id: opened.id,
    version: opened.time,
    updated: opened.time,
    tracked: undefined,
  });
});

test('a record that only claims to be one is read all the same', () => {
  const claims = '{"schema":"defender-siem/connector-event/1","type":"__proto__","number":{},"severity":7}';
  expect(normalise(recordOf('connector', claims), {})).toMatchObject({
    title: 'Connector event',
    detectorId: 'connector-__proto__',
    severity: 'unknown',
  });
});
