import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { elastic } from '../../../connectors/elastic/connector.ts';
import { documentId } from '../../../connectors/elastic/documents.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import type { Outcome, Payload } from '../../../src/sinks/sink.ts';
import { elasticRig, elasticSink } from '../../support/elastic-rig.ts';
import { ElasticServer } from '../../support/elastic-server.ts';
import { anEvent } from '../../support/event.ts';
import { HttpReceiver } from '../../support/http-receiver.ts';
import { payloads, sinkContract } from '../../support/sink-contract.ts';

const never = new AbortController().signal;
const time = '2026-11-03T08:26:10.1234567Z';
const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);

/** A payload of the format `ecs`, with little in it. */
function ecs(id: string, members: object = {}, facts: Partial<SecurityEvent> = {}): Payload {
  const text = JSON.stringify({ '@timestamp': time, event: { id }, ...members });
  return { event: anEvent({ id, ...facts }), text };
}

/** Notes warnings and what else is logged, by its words. */
function notedLog() {
  const lines: string[] = [];
  const note = (level: string) => (_fields: object, message: string) => lines.push(`${level}: ${message}`);
  return { lines, log: { debug() {}, info: note('info'), warn: note('warn'), error: note('error') } };
}

sinkContract('elastic', {
  async open() {
    const rig = await elasticRig({ tls: true }, {}, { format: 'json' });
    // The suite's batches share their events' ids, which a write index would take once only.
    rig.server.lostAnswer = () => {
      for (const { index } of rig.server.stored) rig.server.rollover(index);
      return undefined;
    };
    return {
      sink: rig.sink,
      received: async () => rig.server.stored.map(({ document }) => String(document.message)),
      [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    };
  },
  async refused() {
    const server = await ElasticServer.listen();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const sink = elasticSink(url);
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const rig = await elasticRig();
    rig.server.fault = () => 'hang';
    return { sink: rig.sink, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
  },
});

describe('a request', () => {
  test('is one action and one document a line, to the data stream of its kind, with an id by tenant, kind, identity and version', async () => {
    await using rig = await elasticRig({}, { gzip: false });
    const event = { id: 'da1', tenantId: 'contoso' } as const;
    const detection = { kind: 'detection', recordId: 'da1_2' } as const;
    await rig.sink.send([ecs('da1', {}, event), ecs('da1', {}, { ...event, ...detection })], never);
    const [request] = rig.server.requests;
    expect(request?.headers).toMatchObject({ 'content-type': 'application/x-ndjson' });
    const idOf = (...parts: string[]) => createHash('sha256').update(parts.join('\0')).digest('base64url');
    const first = idOf('contoso', 'graph-alert', 'da1', time);
    const stream = 'logs-microsoft_defender.alert-default';
    const written = `{"data_stream":{"type":"logs","dataset":"microsoft_defender.alert","namespace":"default"},"@timestamp":"${time}","event":{"id":"da1"}}`;
    expect(request?.body.split('\n').slice(0, 2)).toEqual([
      `{"create":{"_index":"${stream}","_id":"${first}"}}`,
      written,
    ]);
    expect(request?.body.endsWith('}\n')).toBe(true);
    expect(rig.server.stored.map(({ id }) => id)).toEqual([
      first,
      idOf('contoso', 'detection', 'da1_2', time),
    ]);
  });

  test.each([
    [{ dataset: 'defender', namespace: 'emea' }, 'logs-defender-emea'],
    [{ dataset: 'soc.{kind}' }, 'logs-soc.alert-default'],
    [{}, 'logs-microsoft_defender.alert-default'],
  ])('goes where the options say: %j', async (options, stream) => {
    await using rig = await elasticRig({}, options);
    expect(kinds(await rig.sink.send([ecs('a')], never))).toEqual(['accepted']);
    expect(rig.server.stored[0]?.index).toBe(stream);
  });

  test.each([
    ['graph-alert', 'alert'],
    ['alert', 'alert'],
    ['detection', 'alert'],
    ['incident', 'incident'],
    ['hunting-event', 'event'],
    ['device', 'device'],
    ['entity', 'entity'],
    ['connector', 'connector'],
  ] as const)('of kind %s goes to the dataset microsoft_defender.%s', async (kind, word) => {
    await using rig = await elasticRig();
    await rig.sink.send([ecs('a', {}, { kind })], never);
    expect(rig.server.stored[0]?.index).toBe(`logs-microsoft_defender.${word}-default`);
  });

  test('stays under its size, and is compressed', async () => {
    await using rig = await elasticRig({}, { maxRequestBytes: 20_000 });
    const many = Array.from({ length: 30 }, (_, index) => ecs(`a${index}`, { message: 'x'.repeat(2_000) }));
    expect(new Set(kinds(await rig.sink.send(many, never)))).toEqual(new Set(['accepted']));
    expect(rig.server.requests.length).toBeGreaterThan(3);
    for (const { body, headers } of rig.server.requests) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
      expect(headers['content-encoding']).toBe('gzip');
    }
  });

  test.each(['ecs', 'json', 'cef'])('has room for as much text as a payload may have: %s', async (format) => {
    const maxRequestBytes = 10_000;
    await using rig = await elasticRig({}, { maxRequestBytes, gzip: false }, { format });
    const event = anEvent();
    const room = rig.sink.payloadBytes(event);
    const text = format === 'ecs' ? `{"@timestamp":"${time}","message":"` : '';
    const filled = format === 'ecs' ? `${text.padEnd(room - 2, 'x')}"}` : '"'.repeat(room);
    await rig.sink.send([{ event, text: filled }], never);
    const bytes = Buffer.byteLength(rig.server.requests[0]?.body ?? '');
    expect(bytes).toBeLessThanOrEqual(maxRequestBytes);
    expect(bytes).toBeGreaterThan(maxRequestBytes - 300);
  });

  test('goes to the next node when one is out, and comes back', async () => {
    await using first = await ElasticServer.listen({ tls: false });
    await using second = await ElasticServer.listen({ tls: false });
    first.fault = () => ({ status: 503, headers: { 'retry-after': '1' } });
    await using sink = elasticSink([first.url, second.url], { tls: undefined });
    expect(await sink.send([ecs('a')], never)).toMatchObject([{ kind: 'deferred', retryAfterMs: 1_000 }]);
    expect(kinds(await sink.send([ecs('a')], never))).toEqual(['accepted']);
    second.fault = () => 'reset';
    await expect(sink.send([ecs('b')], never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    first.fault = () => undefined;
    expect(kinds(await sink.send([ecs('b')], never))).toEqual(['accepted']);
  });
});

describe('what Elasticsearch says of each document', () => {
  test('mixed: one is stored, one was there, one waits, one is refused with its reason', async () => {
    await using rig = await elasticRig();
    rig.server.itemFault = (document) => (document.includes('busy') ? 429 : undefined);
    await rig.sink.send([ecs('old')], never);
    const bad = ecs('bad', { '@timestamp': 'yesterday' });
    const sent = await rig.sink.send([ecs('new'), ecs('old'), ecs('busy'), bad, ecs('last')], never);
    expect(kinds(sent)).toEqual(['accepted', 'accepted', 'deferred', 'rejected', 'accepted']);
    expect(sent[3]).toMatchObject({ reason: expect.stringContaining('@timestamp') });
    expect(sent[3]).toMatchObject({ reason: expect.stringContaining('answered 400 for this document') });
    rig.server.itemFault = () => undefined;
    expect(kinds(await rig.sink.send([ecs('busy')], never))).toEqual(['accepted']);
    expect(rig.server.stored.map(({ document }) => document.event)).toEqual(
      ['old', 'new', 'last', 'busy'].map((id) => ({ id })),
    );
  });

  test.each([
    [403, 'create_doc'],
    [404, 'action.auto_create_index'],
    [503, 'answered 503'],
    [429, 'answered 429'],
  ])('%i is no fault of the document: it waits', async (status, words) => {
    await using rig = await elasticRig();
    rig.server.itemFault = () => status;
    const sent = await rig.sink.send([ecs('a'), ecs('b')], never);
    expect(kinds(sent)).toEqual(['deferred', 'deferred']);
    expect(sent[0]).toMatchObject({ reason: expect.stringContaining(words) });
    expect(status === 403 || status === 404 ? 60_000 : undefined).toBe(
      sent[0]?.kind === 'deferred' ? sent[0].retryAfterMs : 0,
    );
  });

  test('a document that is refused alone, with none taken ever, is kept back', async () => {
    await using rig = await elasticRig();
    const sent = await rig.sink.send(
      [ecs('a', { '@timestamp': 'x' }), ecs('b', { '@timestamp': [] })],
      never,
    );
    expect(kinds(sent)).toEqual(['deferred', 'deferred']);
    expect(sent[0]).toMatchObject({ refused: true, reason: expect.stringContaining('nothing was taken') });
  });

  test('what one data stream takes does not show that another takes anything: three are given up, the rest waits', async () => {
    await using rig = await elasticRig();
    const bad = (id: string) => ecs(id, { '@timestamp': 'x' });
    const beat = (id: string) => ecs(id, {}, { kind: 'connector' });
    const all = Array.from({ length: 20 }, (_, index) => bad(`bad${index}`));
    const first = await rig.sink.send([beat('first'), ...all], never);
    expect(kinds(first)).toEqual(['accepted', ...Array(3).fill('rejected'), ...Array(17).fill('deferred')]);
    expect(first.at(-1)).toMatchObject({ refused: true, retryAfterMs: 60_000 });
    const second = await rig.sink.send([...all.slice(3), beat('second')], never);
    expect(kinds(second)).toEqual([...Array(17).fill('deferred'), 'accepted']);
    expect(kinds(await rig.sink.send(all.slice(3), never))).toEqual(Array(17).fill('deferred'));
    const third = await rig.sink.send([...all.slice(3, 5), ecs('good'), beat('third')], never);
    expect(kinds(third)).toEqual(['rejected', 'rejected', 'accepted', 'accepted']);
  });

  test.each([
    [400, 'validation_exception', 'Validation Failed: 1: this action would add [2] shards, but …', /shards/],
    [400, 'illegal_argument_exception', 'Validation Failed: 1: this action would add [2] shards', /shards/],
    [400, 'illegal_argument_exception', 'pipeline with id [p] does not exist', /its pipelines/],
    [409, 'resource_conflict_exception', 'in use', /answered 409/],
    [undefined, 'none', 'an item without a status', /answered 0/],
  ])(
    '%s %s: %s is no fault of the document, even beside one that is taken',
    async (status, type, reason, words) => {
      await using rig = await elasticRig();
      await rig.sink.send([ecs('taken')], never);
      const items = [{ create: { status: 201 } }, { create: { status, error: { type, reason } } }];
      rig.server.fault = () => ({ status: 200, body: JSON.stringify({ errors: true, items }) });
      const [, outcome] = await rig.sink.send([ecs('a'), ecs('b')], never);
      expect(outcome).toMatchObject({
        kind: 'deferred',
        retryAfterMs: 60_000,
        reason: expect.stringMatching(words),
      });
    },
  );

  test('types that change are refused by the mapping that guessed the first one', async () => {
    await using rig = await elasticRig();
    await rig.sink.send([ecs('a', { user: { name: 'liz' } })], never);
    const sent = await rig.sink.send(
      [ecs('b', { user: 'liz' }), ecs('c', { user: { name: { x: 1 } } }), ecs('d')],
      never,
    );
    expect(kinds(sent)).toEqual(['rejected', 'rejected', 'accepted']);
    expect(sent[0]).toMatchObject({
      reason: expect.stringContaining('tried to parse field [user] as object'),
    });
  });

  test('a document put aside into the failure store counts as taken, and is told of once at either end', async () => {
    const { lines, log } = notedLog();
    await using rig = await elasticRig({ failureStore: true }, {}, { log });
    const bad = (id: string) => ecs(id, { '@timestamp': 'x' });
    expect(kinds(await rig.sink.send([bad('a'), ecs('b'), bad('c')], never))).toEqual(
      Array(3).fill('accepted'),
    );
    await rig.sink.send([bad('d')], never);
    await rig.sink.send([ecs('e')], never);
    await rig.sink.send([ecs('f')], never);
    expect(rig.server.failures).toHaveLength(3);
    expect(lines).toEqual([
      expect.stringContaining('warn: Elasticsearch puts documents aside'),
      expect.stringContaining('info: Elasticsearch puts no more documents aside'),
    ]);
  });
});

describe('sent again', () => {
  test('everything was there already: nothing is stored twice', async () => {
    await using rig = await elasticRig();
    const all = ['a', 'b', 'c'].map((id) => ecs(id));
    await rig.sink.send(all, never);
    expect(kinds(await rig.sink.send(all, never))).toEqual(Array(3).fill('accepted'));
    expect(rig.server.statuses).toEqual([201, 201, 201, 409, 409, 409]);
    expect(rig.server.stored).toHaveLength(3);
  });

  test('after an answer that was lost, what had arrived is not stored twice', async () => {
    await using rig = await elasticRig();
    rig.server.lostAnswer = () => 'reset';
    await expect(rig.sink.send([ecs('a'), ecs('b')], never)).rejects.toMatchObject({
      code: 'SINK_UNREACHABLE',
    });
    rig.server.lostAnswer = () => undefined;
    expect(kinds(await rig.sink.send([ecs('a'), ecs('b'), ecs('c')], never))).toEqual(
      Array(3).fill('accepted'),
    );
    expect(rig.server.statuses).toEqual([201, 201, 409, 409, 201]);
    expect(rig.server.stored).toHaveLength(3);
  });

  test('after a rollover the write index is another one, and takes the id again', async () => {
    await using rig = await elasticRig();
    await rig.sink.send([ecs('a')], never);
    rig.server.rollover('logs-microsoft_defender.alert-default');
    expect(kinds(await rig.sink.send([ecs('a')], never))).toEqual(['accepted']);
    expect(rig.server.stored.map(({ id }) => id)).toEqual(Array(2).fill(documentId(anEvent({ id: 'a' }))));
  });

  test('another state, kind or tenant has another id', () => {
    const event = anEvent({ tenantId: 't' });
    const others = [{ version: 'v' }, { kind: 'alert' as const }, { tenantId: 'u' }, { id: 'i' }];
    const ids = [event, ...others.map((facts) => ({ ...event, ...facts }))].map((each) => documentId(each));
    expect(new Set([...ids, documentId(event, 1)]).size).toBe(6);
    expect(documentId(event)).toMatch(/^[\w-]{43}$/);
  });
});

describe('what Elasticsearch says of a whole request', () => {
  const later = { kind: 'deferred', retryAfterMs: 60_000 };
  test('a wrong key waits for a person, and is not repeated', async () => {
    await using rig = await elasticRig({ apiKey: 'key-id:other' });
    const [outcome] = await rig.sink.send([ecs('a')], never);
    expect(outcome).toMatchObject({ ...later, reason: expect.stringContaining('check `apiKey`') });
    expect(JSON.stringify(outcome)).not.toContain('hush');
  });

  test.each([
    [{ apiKey: 'key-id:hush-hush' }],
    [{ apiKey: Buffer.from('key-id:hush-hush').toString('base64') }],
    [{ apiKey: undefined, basic: { username: 'liz', password: 'hush-hush' } }],
  ])('credentials that an answer repeats, in whatever form, are not told: %j', async (own) => {
    await using rig = await elasticRig({}, own);
    rig.server.fault = ({ headers }) => {
      const sent = headers.authorization?.replace(/^\w+ /, '') ?? '';
      const reason = `${sent} ${Buffer.from(sent, 'base64')} hush-hush`;
      return { status: 401, body: JSON.stringify({ error: { type: 'security_exception', reason } }) };
    };
    const told = JSON.stringify(await rig.sink.send([ecs('a')], never));
    expect(told).toContain('security_exception');
    expect(told).not.toMatch(/hush|aHVzaC|OmhIc2|6aHVza/);
    expect(told).not.toContain(Buffer.from('key-id:hush-hush').toString('base64'));
  });

  test('larger than it takes: halved, and kept to for an hour', async () => {
    const { lines, log } = notedLog();
    await using rig = await elasticRig({ maxContentLength: 6_000 }, { gzip: false }, { log });
    const all = Array.from({ length: 12 }, (_, index) => ecs(`a${index}`, { message: 'x'.repeat(900) }));
    expect(new Set(kinds(await rig.sink.send(all, never)))).toEqual(new Set(['accepted']));
    expect(rig.server.stored).toHaveLength(12);
    for (const line of lines) expect(line).toContain('info: the receiver takes no request of so many bytes');
  });

  test('a malformed line: nothing was stored, and the halves show which it is', async () => {
    await using rig = await elasticRig();
    const all = ['a', 'b', 'c', 'd'].map((id) => ecs(id));
    rig.server.fault = ({ body }) =>
      body.includes('"c"')
        ? {
            status: 400,
            body: JSON.stringify({ error: { type: 'illegal_argument_exception', reason: 'Malformed' } }),
          }
        : undefined;
    const sent = await rig.sink.send(all, never);
    expect(kinds(sent)).toEqual(['accepted', 'accepted', 'rejected', 'accepted']);
    expect(sent[2]).toMatchObject({
      reason: expect.stringContaining('illegal_argument_exception: Malformed'),
    });
  });

  test('an answer that has more than it could say of the request is broken off', async () => {
    await using rig = await elasticRig({}, { maxRequestBytes: 10_000 });
    rig.server.fault = () => ({ status: 200, body: `{"items":[${'{},'.repeat(500_000)}{}]}` });
    await expect(rig.sink.send([ecs('a')], never)).rejects.toThrow(/the answer is larger than 1068576 bytes/);
  });

  const json = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
  test.each([
    ['429', { status: 429, headers: { 'retry-after': '7' } }, { retryAfterMs: 7_000 }],
    ['503', { status: 503, body: '{"error":{"type":"x","reason":"no master"}}' }, { reason: /no master/ }],
    ['403', { status: 403, headers: json, body: '{}' }, { ...later, reason: /create_doc/ }],
    [
      '406',
      { status: 406, headers: json, body: '{"error":"Content-Type"}' },
      { ...later, reason: /content type/ },
    ],
    [
      'a page of a proxy',
      { status: 200, body: '<html>Sign in</html>' },
      { ...later, reason: /not as Elasticsearch/ },
    ],
    [
      'a page of another server',
      { status: 400, body: '<html>Bad</html>' },
      { ...later, reason: /not as Elasticsearch/ },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://sso.example/' } },
      { ...later, reason: /redirect/ },
    ],
    [
      'an answer for others',
      { status: 200, body: '{"items":[]}' },
      { ...later, reason: /told of 0 documents/ },
    ],
  ])('%s puts all of it off', async (_name, answer, outcome) => {
    await using rig = await elasticRig();
    rig.server.fault = () => answer;
    const sent = await rig.sink.send([ecs('a'), ecs('b')], never);
    expect(kinds(sent)).toEqual(['deferred', 'deferred']);
    const { reason = /./, ...facts } = { reason: undefined, ...outcome };
    expect(sent[0]).toMatchObject({ ...facts, reason: expect.stringMatching(reason ?? /./) });
  });
});

describe('the options', () => {
  const valid = { url: 'https://es.example:9200' };
  test.each([
    [{ apiKey: 'a', basic: { username: 'u', password: 'p' } }],
    [{ dataset: 'a-b' }],
    [{ dataset: 'A' }],
    [{ dataset: '{kin}' }],
    [{ namespace: '{kind}' }],
    [{ namespace: 'a b' }],
    [{ namespace: 'x'.repeat(101) }],
    [{ url: [] }],
    [{ maxRequestBytes: 100 }],
  ])('refuse %j', (options) => {
    expect(elastic.options.safeParse({ ...valid, ...options }).success).toBe(false);
  });
  test('take an encoded key, an id and key, or a user and password', async () => {
    await using receiver = await HttpReceiver.listen();
    const encoded = Buffer.from('id:key').toString('base64');
    for (const own of [
      { apiKey: encoded },
      { apiKey: 'id:key' },
      { apiKey: undefined, basic: { username: 'u', password: 'p' } },
    ]) {
      await using sink = elasticSink(receiver.url, own);
      await sink.send(payloads('{}'), never);
    }
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      `ApiKey ${encoded}`,
      `ApiKey ${encoded}`,
      `Basic ${Buffer.from('u:p').toString('base64')}`,
    ]);
  });
});
