import { describe, expect, test } from 'vitest';
import { integrationDatasets } from '../../../connectors/elastic/integration.ts';
import { json } from '../../../src/formats/json/json.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import type { Payload } from '../../../src/sinks/sink.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import type { StoredDocument } from '../../support/elastic-indices.ts';
import { elasticRig } from '../../support/elastic-rig.ts';
import { anEvent } from '../../support/event.ts';

const never = new AbortController().signal;
const format = json.create({});

/** Sends records in the format `json` and returns what is stored; each must be taken. */
async function storedOf(sent: readonly Payload[], options: object = {}): Promise<readonly StoredDocument[]> {
  await using rig = await elasticRig({}, options, { format: 'json' });
  const outcomes = await rig.sink.send(sent, never);
  expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  return rig.server.stored;
}

const messageOf = ({ document }: StoredDocument) =>
  JSON.parse(String(document.message)) as Record<string, unknown>;
const bare = (kind: 'alert' | 'incident' | 'hunting-event', record: object): Payload => ({
  event: anEvent({ kind, id: 'r' }),
  text: JSON.stringify(record),
});

describe('documents for the ingest pipelines of Elastic’s own integrations', () => {
  test('a Graph alert is one document around the record, to m365_defender.alert', async () => {
    const event = anEvent();
    const [document] = await storedOf([{ event, text: event.json }]);
    expect(document).toMatchObject({
      index: 'logs-m365_defender.alert-default',
      document: {
        '@timestamp': '2026-11-03T08:26:10.1234567Z',
        data_stream: { type: 'logs', dataset: 'm365_defender.alert', namespace: 'default' },
        message: event.json,
        tags: ['forwarded'],
      },
    });
  });

  test('a Defender for Endpoint alert is a document for each piece of evidence', async () => {
    const record = { id: 'a', big: 1, evidence: [{ entityType: 'File' }, { entityType: 'Ip' }], last: [] };
    const stored = await storedOf([bare('alert', record)]);
    expect(stored.map(({ index }) => index)).toEqual(
      Array(2).fill('logs-microsoft_defender_endpoint.log-default'),
    );
    expect(stored.map(messageOf)).toEqual(record.evidence.map((evidence) => ({ ...record, evidence })));
    expect(new Set(stored.map(({ id }) => id)).size).toBe(2);
  });

  test.each([[{ id: 'a', evidence: [] }], [{ id: 'a' }]])(
    'one without evidence is a document without it: %j',
    async (record) => {
      expect((await storedOf([bare('alert', record)])).map(messageOf)).toEqual([{ id: 'a' }]);
    },
  );

  test('an incident is a document for each alert, one of Defender XDR for each entity', async () => {
    const graph = { id: '1', alerts: [{ id: 'x' }, { id: 'y' }] };
    const xdr = {
      incidentId: 1,
      alerts: [
        { alertId: 'x', entities: [{ entityType: 'User' }, { entityType: 'Ip' }] },
        { alertId: 'y', entities: [] },
      ],
    };
    const events = [
      bare('incident', graph),
      { ...bare('incident', xdr), event: anEvent({ kind: 'incident', id: 'xdr' }) },
    ];
    const stored = await storedOf(events);
    expect(stored.map(({ document }) => (document.data_stream as { dataset: string }).dataset)).toEqual([
      ...Array(2).fill('m365_defender.incident'),
      ...Array(3).fill('m365_defender.log'),
    ]);
    expect(stored.map(messageOf)).toEqual([
      { id: '1', alerts: { id: 'x' } },
      { id: '1', alerts: { id: 'y' } },
      { incidentId: 1, alerts: { alertId: 'x', entities: { entityType: 'User' } } },
      { incidentId: 1, alerts: { alertId: 'x', entities: { entityType: 'Ip' } } },
      { incidentId: 1, alerts: { alertId: 'y' } },
    ]);
  });

  test('a streamed row keeps its envelope, a bare row has no pipeline there', async () => {
    const streamed = { category: 'AdvancedHunting-DeviceEvents', properties: { DeviceId: 'd' } };
    const [first] = await storedOf([bare('hunting-event', streamed)]);
    expect(first?.index).toBe('logs-m365_defender.event-default');
    const [second] = await storedOf([bare('hunting-event', { DeviceId: 'd' })]);
    expect(second?.index).toBe('logs-microsoft_defender.event-default');
  });

  test('a dataset and tags of the user go before', async () => {
    const options = { dataset: 'soc', tags: ['preserve_original_event'] };
    const [document] = await storedOf([{ event: anEvent(), text: '{}' }], options);
    expect(document).toMatchObject({ index: 'logs-soc-default', document: { tags: options.tags } });
  });

  test('every fixture arrives; what is split says together all that the record said', async () => {
    const sent = fixtures.map(({ name, kind, json: text }): Payload => {
      const event = { ...normalise(recordOf(kind, text), {}), id: name, recordId: name };
      const formatted = format(event, Number.POSITIVE_INFINITY);
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      return { event, text: formatted.text };
    });
    const stored = await storedOf(sent);
    expect(stored.length).toBeGreaterThanOrEqual(fixtures.length);
    for (const document of stored) {
      const { dataset } = document.document.data_stream as { dataset: string };
      const message = messageOf(document);
      expect([
        ...integrationDatasets,
        ...['alert', 'incident', 'event', 'device', 'entity', 'connector'].map(
          (word) => `microsoft_defender.${word}`,
        ),
      ]).toContain(dataset);
      if (dataset === 'microsoft_defender_endpoint.log') expect(Array.isArray(message.evidence)).toBe(false);
      if (dataset === 'm365_defender.incident' || dataset === 'm365_defender.log')
        expect(Array.isArray(message.alerts)).toBe(false);
    }
    for (const { text, event } of sent.filter(({ event: { kind } }) => kind === 'alert')) {
      const whole = JSON.parse(text) as { evidence?: unknown[] };
      const own = stored.filter(({ document }) =>
        String(document.message).includes(JSON.stringify(JSON.parse(text).id)),
      );
      expect(own.length, event.id).toBeGreaterThanOrEqual(Math.max(1, whole.evidence?.length ?? 0));
    }
  });
});
