import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sentinel } from '../../../connectors/sentinel/connector.ts';
import { ConnectorError } from '../../../src/errors.ts';
import type { Outcome, SinkContext } from '../../../src/sinks/sink.ts';
import { HttpReceiver } from '../../support/http-receiver.ts';
import { testRoot } from '../../support/https-server.ts';
import { payloads, sinkContract } from '../../support/sink-contract.ts';
import { openRig, openSink, rootFile, rule, TestTokens } from './rig.ts';

const never = new AbortController().signal;
const columns = { n: 'dynamic', after: 'string', TimeGenerated: 'datetime', EventUid: 'string' } as const;
const minute = 60_000;

function rig(options: Readonly<Record<string, unknown>> = {}, context: Partial<SinkContext> = {}) {
  return openRig(columns, options, context);
}

sinkContract('sentinel', {
  async open() {
    const { server, sink, ...rest } = await rig();
    return {
      ...rest,
      sink,
      received: async () => server.stored.map((row) => JSON.stringify(row)),
    };
  },
  async refused() {
    const receiver = await HttpReceiver.listen(testRoot.issue('127.0.0.1'));
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const sink = openSink(url, new TestTokens());
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const opened = await rig();
    opened.server.fault = () => 'hang';
    return opened;
  },
});

describe('a call', () => {
  test('is what the API wants: path, version, token, array, gzip, an id of its own', async () => {
    await using opened = await rig();
    await opened.sink.send(payloads('{"n":1}', '{"n":2}'), never);
    const [request] = opened.server.requests;
    expect(request?.path).toBe(
      `/dataCollectionRules/${rule}/streams/Custom-Defender_CL?api-version=2023-01-01`,
    );
    expect(request?.body).toBe('[{"n":1},{"n":2}]');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-ms-client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(opened.server.losses).toEqual([]);
  });

  test('holds no more bytes than the API takes, compressed or not, and a row not more than one call', async () => {
    await using opened = await rig({ maxRequestBytes: 100_000 });
    const { server, sink } = opened;
    const text = `{"n":"${'x'.repeat(30_000)}"}`;
    const outcomes = await sink.send(payloads(...Array.from({ length: 9 }, () => text)), never);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(server.requests.map(({ body }) => Buffer.byteLength(body) <= 100_000)).toEqual([true, true, true]);
    expect(sink.payloadBytes(payloads('')[0]?.event ?? expect.fail())).toBe(99_998);
  });

  test('that is too large all the same (413) is halved', async () => {
    await using opened = await rig({ maxRequestBytes: 1_048_576 });
    const { server, sink } = opened;
    server.fault = ({ raw, body }) =>
      body.length > 400_000 && raw.length > 0
        ? { status: 413, body: '{"error":{"code":"ContentLengthLimitExceeded"}}' }
        : undefined;
    const text = `{"n":"${'x'.repeat(150_000)}"}`;
    const outcomes = await sink.send(payloads(text, text, text, text), never);
    expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'accepted' })));
    expect(server.stored).toHaveLength(4);
  });

  test('carries text of another format in one column, beside its identity', async () => {
    await using opened = await openRig(
      { TimeGenerated: 'datetime', EventUid: 'string', EventVersion: 'string', RawData: 'string' },
      {},
      { contentType: 'text/plain' },
    );
    const { server, sink } = opened;
    const [payload] = payloads('CEF:0|Microsoft|"x\u0085y\u2028');
    if (payload === undefined) throw new Error('no payload');
    expect(await sink.send([payload], never)).toEqual([{ kind: 'accepted' }]);
    expect(server.losses).toEqual([]);
    expect(server.stored[0]).toMatchObject({ EventUid: 'id-0', RawData: 'CEF:0|Microsoft|"x\u0085y\u2028' });
    expect(server.requests[0]?.body).not.toMatch(/[\u0085\u2028]/);
    expect(sink.payloadBytes(payload.event)).toBe(64_000);
  });
});

describe('refusals', () => {
  test('a bad row becomes a dead letter alone; those around it are taken, in order', async () => {
    await using opened = await rig();
    const { server, sink } = opened;
    server.isBad = ({ n }) => n === 3;
    const outcomes = await sink.send(payloads(...[1, 2, 3, 4, 5].map((n) => `{"n":${n}}`)), never);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'accepted',
      'accepted',
      'rejected',
      'accepted',
      'accepted',
    ]);
    expect(outcomes[2]).toMatchObject({ reason: expect.stringMatching(/answered 400.*InvalidPayload/) });
    expect(server.stored.map(({ n }) => n)).toEqual([1, 2, 4, 5]);
  });

  test('where every row is refused, none is given up', async () => {
    await using opened = await rig();
    opened.server.isBad = () => true;
    const outcomes = await opened.sink.send(payloads('{"n":1}', '{"n":2}'), never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['deferred', 'deferred']);
  });

  test('a token that is not taken is replaced once, and the rows are delivered with the new one', async () => {
    await using opened = await rig();
    const { server, sink, tokens } = opened;
    server.revoked.add(await tokens.token(never));
    expect(await sink.send(payloads('{"n":1}'), never)).toEqual([{ kind: 'accepted' }]);
    expect(server.requests).toHaveLength(2);
    expect(tokens.issued).toBe(2);
  });

  /** What is wrong, and what the operator is told. */
  const wrongs: readonly (readonly [
    what: string,
    options: Readonly<Record<string, unknown>>,
    claims: Readonly<Record<string, unknown>>,
    words: RegExp,
    code: string,
    requests: number,
  ])[] = [
    [
      'an unknown stream',
      { stream: 'Custom-defender_CL' },
      {},
      /InvalidStream: check `stream` \(Custom-defender_CL; case matters\)/,
      'SINK_REFUSED',
      1,
    ],
    [
      'another rule',
      { rule: `dcr-${'f'.repeat(32)}` },
      {},
      /answered 404: there is no rule dcr-f+ at this endpoint: check `rule`/,
      'SINK_REFUSED',
      1,
    ],
    [
      'no role',
      {},
      { oid: 'somebody' },
      /give it the role Monitoring Metrics Publisher on the data collection rule; a new role takes up to 30 minutes/,
      'PERMISSION_MISSING',
      1,
    ],
    [
      'a token of another directory',
      {},
      { tid: 'elsewhere' },
      /the token of the tenant contoso is not taken, nor is a new one: make `tenant`/,
      'PERMISSION_MISSING',
      2,
    ],
    [
      'a token of another cloud',
      {},
      { aud: 'https://monitor.azure.us' },
      /the token of the tenant contoso is not taken/,
      'PERMISSION_MISSING',
      2,
    ],
  ];
  test.each(wrongs)(
    '%s: no row is to blame, it says what to do, and waits a minute',
    async (_what, options, claims, words, code, requests) => {
      await using opened = await rig(options);
      const { server, sink, tokens } = opened;
      tokens.claims = claims;
      const outcomes = await sink.send(payloads('{"n":1}', '{"n":2}'), never);
      const expected = { kind: 'deferred', retryAfterMs: minute, reason: expect.stringMatching(words) };
      expect(outcomes).toEqual([expected, expected]);
      expect(server.requests).toHaveLength(requests);
      await expect(sink.probe(never)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
      expect(server.stored).toEqual([]);
    },
  );

  test.each([
    [429, { 'retry-after': '17' }, 17_000],
    [503, { 'retry-after': '5' }, 5_000],
    [500, {}, undefined],
    [502, {}, undefined],
    [504, {}, undefined],
  ] as const)('%i is for later, as long as it says', async (status, headers, retryAfterMs) => {
    await using opened = await rig();
    opened.server.fault = () => ({ status, headers, body: 'busy' });
    const [outcome] = await opened.sink.send(payloads('{"n":1}'), never);
    expect(outcome).toMatchObject({
      kind: 'deferred',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    await expect(opened.sink.probe(never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  });

  test.each([200, 202, 302])('%i is no success: it was not the API that spoke', async (status) => {
    await using opened = await rig();
    opened.server.fault = () => ({ status, body: '<html>signed in</html>' });
    const [outcome] = await opened.sink.send(payloads('{"n":1}'), never);
    expect(outcome).toMatchObject({ kind: 'deferred', retryAfterMs: minute });
  });

  test.each([400, 422, 451])('%i of a proxy blames no row, though others were taken', async (status) => {
    await using opened = await rig();
    const { server, sink } = opened;
    await sink.send(payloads('{"n":1}'), never);
    server.fault = () => ({ status, body: '<html>Bad Request</html>' });
    const outcomes = await sink.send(payloads('{"n":2}', '{"n":3}'), never);
    const words = /not as the Logs Ingestion API does.*Bad Request/;
    const later = { kind: 'deferred', retryAfterMs: minute, reason: expect.stringMatching(words) };
    expect(outcomes).toEqual([later, later]);
    await expect(sink.probe(never)).rejects.toMatchObject({ message: expect.stringMatching(words) });
  });

  test('a token that an answer repeats is not told', async () => {
    await using opened = await rig();
    opened.server.fault = ({ headers }) => ({ status: 403, body: `no: ${headers.authorization}` });
    const [outcome] = await opened.sink.send(payloads('{"n":1}'), never);
    expect(JSON.stringify(outcome)).not.toContain(await opened.tokens.token(never));
  });
});

test('a root that is gone when it is read anew is told as such, not as a lack of a token', async () => {
  const ca = rootFile();
  await using opened = await rig({ tls: { ca } });
  const { server, sink } = opened;
  server.fault = () => 'reset';
  await expect(sink.send(payloads('{"n":1}'), never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
  rmSync(ca);
  await expect(sink.send(payloads('{"n":1}'), never)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.not.stringContaining('token'),
  });
});

describe('without a token', () => {
  test.each([
    ['IDENTITY_REFUSED', minute],
    ['IDENTITY_UNAVAILABLE', undefined],
  ] as const)('%s: nothing is sent, and the reason is told', async (code, retryAfterMs) => {
    await using opened = await rig();
    opened.tokens.failure = new ConnectorError(code, 'tenant contoso: no token: renew the secret');
    const [outcome] = await opened.sink.send(payloads('{"n":1}'), never);
    const expected: Outcome = {
      kind: 'deferred',
      reason: 'sink siem gets no token for Azure Monitor: tenant contoso: no token: renew the secret',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    expect(outcome).toEqual(expected);
    await expect(opened.sink.probe(never)).rejects.toBe(opened.tokens.failure);
    expect(opened.server.requests).toEqual([]);
  });
});

test.each([
  ['an address in the clear', { endpoint: 'http://dce.ingest.monitor.azure.com' }],
  ['an endpoint with a path', { endpoint: 'https://dce.ingest.monitor.azure.com/dataCollectionRules' }],
  ['the name of a rule', { rule: 'dcr-defender' }],
  ['a table without its kind', { stream: 'Defender_CL' }],
  ['a call that no API takes', { maxRequestBytes: 2_000_000 }],
])('%s is an error of the configuration', (_what, wrong) => {
  const right = { endpoint: 'https://dce.ingest.monitor.azure.com', rule, tenant: 'contoso' };
  expect(sentinel.options.safeParse(right).success).toBe(true);
  expect(sentinel.options.safeParse({ ...right, ...wrong }).success).toBe(false);
});
