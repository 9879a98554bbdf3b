import { expect, test } from 'vitest';
import { elasticRig } from '../../support/elastic-rig.ts';
import { anEvent } from '../../support/event.ts';

const never = new AbortController().signal;
const all = ['create_doc', 'auto_configure', 'view_index_metadata'];

/** Notes warnings, each with the data stream that it names. */
function notedLog() {
  const warnings: string[] = [];
  const warn = (fields: object, message: string) => {
    warnings.push(`${'stream' in fields ? String(fields.stream) : ''}: ${message}`);
  };
  return { warnings, log: { debug() {}, info() {}, warn, error() {} } };
}

test('asks what the key may do, and writes nothing', async () => {
  const { warnings, log } = notedLog();
  await using rig = await elasticRig({ privileges: all }, {}, { log });
  await rig.sink.probe(never);
  expect(rig.server.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
    'POST /_security/user/_has_privileges',
    `GET /_data_stream/${['alert', 'incident', 'event', 'device', 'entity', 'connector'].map((word) => `logs-microsoft_defender.${word}-default`).join()}`,
  ]);
  expect(rig.server.stored).toEqual([]);
  expect(warnings).toEqual([]);
});

test('a key that may not write is told, with what to grant', async () => {
  await using rig = await elasticRig({ privileges: ['auto_configure'] });
  await expect(rig.sink.probe(never)).rejects.toMatchObject({
    code: 'SINK_REFUSED',
    message: expect.stringMatching(/logs-microsoft_defender\.alert-default: grant `create_doc`/),
  });
});

test('a key that may write, yet make no data stream, is a warning', async () => {
  const { warnings, log } = notedLog();
  await using rig = await elasticRig({ privileges: ['create_doc'] }, { dataset: 'soc' }, { log });
  await rig.sink.probe(never);
  expect(warnings).toEqual([expect.stringMatching(/^logs-soc-default: .*`auto_configure`/)]);
});

test('a wrong key', async () => {
  await using rig = await elasticRig({ apiKey: 'key-id:other' });
  await expect(rig.sink.probe(never)).rejects.toMatchObject({
    code: 'SINK_REFUSED',
    message: expect.stringContaining('check `apiKey`'),
  });
});

test('a data stream that the built-in template made is a warning; one of a template that was put is none', async () => {
  const { warnings, log } = notedLog();
  await using rig = await elasticRig({ privileges: all }, {}, { log });
  const payload = (id: string) => ({ event: anEvent({ id }), text: '{"@timestamp":"2026-11-03T08:26:10Z"}' });
  await rig.sink.send([payload('a')], never);
  await rig.sink.probe(never);
  expect(warnings).toEqual([
    expect.stringMatching(/^logs-microsoft_defender\.alert-default: .*roll the data stream over/),
  ]);
});

test.each([
  ['a proxy', { status: 200, body: '<html>' }, 'SINK_REFUSED', /not as Elasticsearch does/],
  ['a busy cluster', { status: 503, body: '{}' }, 'SINK_UNREACHABLE', /answered 503/],
  ['another server', { status: 404, body: 'no' }, 'SINK_REFUSED', /check `url`/],
])('%s is told as such', async (_name, answer, code, message) => {
  await using rig = await elasticRig();
  rig.server.fault = () => answer;
  await expect(rig.sink.probe(never)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test('a cluster without security is recognised by its name', async () => {
  await using rig = await elasticRig();
  const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
  rig.server.fault = ({ path }) => {
    if (path === '/') return { status: 200, headers, body: '{"cluster_name":"test"}' };
    return {
      status: path.startsWith('/_security') ? 400 : 404,
      headers,
      body: '{"error":"no handler found"}',
    };
  };
  await rig.sink.probe(never);
});
