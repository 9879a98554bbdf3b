import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { http } from '../../src/sinks/http.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Answer, HttpReceiver } from '../support/http-receiver.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';

const never = new AbortController().signal;
const context = sinkContext();
const nowMs = context.clock.now();

function httpSink(url: string, extra: object = {}, facts: object = {}) {
  return http.create(http.options.parse({ url, ...extra }), sinkContext(facts));
}

async function unusedUrl(): Promise<string> {
  const receiver = await HttpReceiver.listen();
  const { url } = receiver;
  await receiver[Symbol.asyncDispose]();
  return url;
}

for (const body of ['ndjson', 'array', 'single'] as const) {
  sinkContract(`http, ${body}`, {
    async open() {
      const receiver = await HttpReceiver.listen();
      const sink = httpSink(`${receiver.url}/events`, { body, gzip: body === 'ndjson' });
      return {
        sink,
        async received() {
          const bodies = receiver.requests.filter(({ method }) => method === 'POST').map((each) => each.body);
          if (body !== 'array')
            return bodies.flatMap((each) => each.split('\n').filter((line) => line !== ''));
          return bodies.flatMap((each) =>
            (JSON.parse(each) as unknown[]).map((item) => JSON.stringify(item)),
          );
        },
        async [Symbol.asyncDispose]() {
          await sink[Symbol.asyncDispose]();
          await receiver[Symbol.asyncDispose]();
        },
      };
    },
    async refused() {
      const sink = httpSink(await unusedUrl(), { body });
      return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
    },
    async silent() {
      const receiver = await HttpReceiver.listen();
      receiver.answer = () => 'hang';
      const sink = httpSink(receiver.url, { body });
      return {
        sink,
        async [Symbol.asyncDispose]() {
          await sink[Symbol.asyncDispose]();
          await receiver[Symbol.asyncDispose]();
        },
      };
    },
  });
}

describe('a request', () => {
  test.each([
    ['ndjson of JSON', 'ndjson', 'application/json', 'application/x-ndjson', '{"a":1}\n{"a":1}\n'],
    ['ndjson of text', 'ndjson', 'text/plain', 'text/plain; charset=utf-8', '{"a":1}\n{"a":1}\n'],
    ['an array of JSON', 'array', 'application/json', 'application/json', '[{"a":1},{"a":1}]'],
    ['an array of text', 'array', 'text/plain', 'application/json', String.raw`["{\"a\":1}","{\"a\":1}"]`],
    ['single JSON', 'single', 'application/json', 'application/json', '{"a":1}'],
    ['single text', 'single', 'text/plain', 'text/plain; charset=utf-8', '{"a":1}'],
  ])('has the body and content type of its kind: %s', async (_case, body, contentType, header, written) => {
    await using receiver = await HttpReceiver.listen();
    await using sink = httpSink(receiver.url, { body }, { contentType });
    await sink.send(payloads('{"a":1}', '{"a":1}'), never);
    expect(receiver.requests[0]?.headers['content-type']).toBe(header);
    expect(receiver.requests[0]?.body).toBe(written);
    expect(receiver.requests).toHaveLength(body === 'single' ? 2 : 1);
  });

  test('a line break in a text starts no second line', async () => {
    await using receiver = await HttpReceiver.listen();
    await using sink = httpSink(receiver.url, {}, { contentType: 'text/plain' });
    await sink.send(payloads('a\r\nb\u2028c'), never);
    expect(receiver.requests[0]?.body).toBe('a b c\n');
  });

  test.each([
    ['bearer', { bearer: 'hush' }, 'Bearer hush'],
    [
      'basic',
      { basic: { username: 'us', password: 'pä' } },
      `Basic ${Buffer.from('us:pä').toString('base64')}`,
    ],
  ])('carries its credentials: %s', async (_case, auth, header) => {
    await using receiver = await HttpReceiver.listen();
    await using sink = httpSink(receiver.url, { auth, headers: { 'X-Tenant': 'contoso' } });
    await sink.send(payloads('{}'), never);
    expect(receiver.requests[0]?.headers).toMatchObject({ authorization: header, 'x-tenant': 'contoso' });
  });

  test('the same batch has the same idempotency key, another batch another', async () => {
    await using receiver = await HttpReceiver.listen();
    await using sink = httpSink(receiver.url);
    for (const text of ['{"a":1}', '{"a":1}', '{"a":2}']) await sink.send(payloads(text), never);
    const [first, again, other] = receiver.requests.map(({ headers }) => headers['idempotency-key']);
    expect(first).toBe(createHash('sha256').update('{"a":1}\n').digest('hex'));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test.each([false, true])('the signature is of the body as sent, gzip %s', async (gzip) => {
    await using receiver = await HttpReceiver.listen();
    await using sink = httpSink(receiver.url, { gzip, signingKey: 'key' });
    await sink.send(payloads('{"a":1}'), never);
    const [request] = receiver.requests;
    const expected = createHmac('sha256', 'key')
      .update(request?.raw ?? '')
      .digest('hex');
    expect(request?.headers['x-signature-256']).toBe(`sha256=${expected}`);
    expect(request?.headers['content-encoding']).toBe(gzip ? 'gzip' : undefined);
  });
});

describe('an answer', () => {
  test.each([200, 201, 202, 204])('%i accepts', async (status) => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => ({ status });
    await using sink = httpSink(receiver.url);
    expect(await sink.send(payloads('{}'), never)).toEqual([{ kind: 'accepted' }]);
  });

  test.each([408, 425, 429, 500, 502, 503, 504])('%i defers without a time of its own', async (status) => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => ({ status, body: 'be\npatient' });
    await using sink = httpSink(receiver.url);
    expect(await sink.send(payloads('{}', '{}'), never)).toEqual([
      { kind: 'deferred', reason: `${receiver.url} answered ${status}: be patient` },
      { kind: 'deferred', reason: `${receiver.url} answered ${status}: be patient` },
    ]);
    expect(receiver.requests).toHaveLength(1);
  });

  test.each([
    ['seconds', '12', 12_000],
    ['a date', new Date(nowMs + 30_000).toUTCString(), 30_000],
  ])('Retry-After in %s is handed on', async (_case, header, ms) => {
    await using receiver = await HttpReceiver.listen();
    const date = new Date(nowMs).toUTCString();
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': header, date } });
    await using sink = httpSink(receiver.url);
    expect(await sink.send(payloads('{}'), never)).toMatchObject([{ kind: 'deferred', retryAfterMs: ms }]);
  });

  test.each([401, 402, 403, 404, 405, 410, 415, 421])(
    '%i defers slowly, and makes no dead letter',
    async (status) => {
      await using receiver = await HttpReceiver.listen();
      receiver.answer = () => ({ status });
      await using sink = httpSink(receiver.url);
      expect(await sink.send(payloads('{}', '{}'), never)).toMatchObject([
        {
          kind: 'deferred',
          retryAfterMs: 60_000,
          reason: expect.stringMatching(/answered \d+: .*(check|proxy)/),
        },
        { kind: 'deferred', retryAfterMs: 60_000 },
      ]);
      expect(receiver.requests).toHaveLength(1);
    },
  );

  test.each([400, 409, 422])(
    '%i is narrowed down to the bad record; the good ones arrive once',
    async (status) => {
      await using receiver = await HttpReceiver.listen();
      receiver.answer = ({ body }) =>
        body.includes('bad') ? { status, body: 'no such field' } : { status: 200 };
      await using sink = httpSink(receiver.url);
      const outcomes = await sink.send(payloads('"a"', '"b"', '"bad"', '"c"', '"d"'), never);
      const ok = { kind: 'accepted' };
      const reason = `${receiver.url} answered ${status}: no such field`;
      expect(outcomes).toEqual([ok, ok, { kind: 'rejected', reason }, ok, ok]);
      const good = receiver.requests.filter(({ body }) => !body.includes('bad')).map(({ body }) => body);
      expect(good.join('')).toBe('"a"\n"b"\n"c"\n"d"\n');
    },
  );

  test('413 halves until it fits; what alone is too large is rejected', async () => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = ({ body }): Answer => ({ status: body.length > 12 ? 413 : 200 });
    await using sink = httpSink(receiver.url);
    const outcomes = await sink.send(payloads('"aaa"', '"bbb"', '"a very long one"', '"ccc"'), never);
    expect(outcomes.map((each) => each.kind)).toEqual(['accepted', 'accepted', 'rejected', 'accepted']);
  });

  test.each([301, 302, 307, 308])('%i is not followed, and the error names the target', async (status) => {
    await using target = await HttpReceiver.listen();
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => ({ status, headers: { location: `${target.url}/elsewhere?token=x` } });
    await using sink = httpSink(receiver.url, { auth: { bearer: 'hush' } });
    const [outcome] = await sink.send(payloads('{}'), never);
    expect(outcome).toMatchObject({
      kind: 'deferred',
      reason: `${receiver.url} answered ${status}, a redirect to ${URL.parse(target.url)?.host}, which is not followed: set \`url\` to the final address`,
    });
    expect(target.requests).toEqual([]);
  });

  test('a credential that the answer repeats is struck out', async () => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = ({ headers }) => ({
      status: 403,
      body: `bad ${headers.authorization} ${headers['x-key']}`,
    });
    await using sink = httpSink(receiver.url, { auth: { bearer: 'hush' }, headers: { 'X-Key': 'quiet' } });
    const [outcome] = await sink.send(payloads('{}'), never);
    expect(JSON.stringify(outcome)).not.toMatch(/hush|quiet/);
    expect(JSON.stringify(outcome)).toContain('[secret]');
  });

  test('a reset in mid-batch throws; the next batch goes out', async () => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => 'reset';
    await using sink = httpSink(receiver.url);
    await expect(sink.send(payloads('{}'), never)).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' });
    receiver.answer = () => ({ status: 200 });
    expect(await sink.send(payloads('{}'), never)).toEqual([{ kind: 'accepted' }]);
  });
});

describe('a probe', () => {
  test.each([200, 204, 400, 404, 405])('%i means that the receiver is there', async (status) => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => ({ status });
    await using sink = httpSink(receiver.url);
    await sink.probe(never);
  });
  test.each([
    [401, 'SINK_REFUSED'],
    [403, 'SINK_REFUSED'],
    [302, 'SINK_REFUSED'],
    [429, 'SINK_UNREACHABLE'],
    [503, 'SINK_UNREACHABLE'],
  ])('%i is told as %s', async (status, code) => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => ({ status });
    await using sink = httpSink(receiver.url);
    await expect(sink.probe(never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('sink siem'),
    });
  });
});

describe('over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-sink-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const authority = createAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);

  test('a private root is trusted when named, and missing otherwise', async () => {
    await using receiver = await HttpReceiver.listen(authority.issue('receiver'));
    await using trusting = httpSink(receiver.url, { tls: { ca } });
    expect(await trusting.send(payloads('{}'), never)).toEqual([{ kind: 'accepted' }]);
    await using strict = httpSink(receiver.url);
    await expect(strict.send(payloads('{}'), never)).rejects.toThrow(/`tls\.ca`/);
  });

  test('a missing file is a problem of the configuration', () => {
    const tls = { ca: join(folder, 'missing.pem') };
    expect(() => httpSink('https://siem.example', { tls })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

test.each([
  ['http://siem.example:8080/in', 1],
  ['https://siem.example/in', 0],
  ['http://127.0.0.1:8080/in', 0],
  ['http://localhost:8080/in', 0],
])('%s is told %i times to be unencrypted', (url, times) => {
  const warn = vi.fn();
  httpSink(url, {}, { log: { ...silentLog, warn } });
  expect(warn).toHaveBeenCalledTimes(times);
});

test.each([
  ['a URL that is none', { url: 'siem' }],
  ['a URL of another scheme', { url: 'ftp://siem.example' }],
  ['a password in the URL', { url: 'https://user:hush@siem.example' }],
  ['two kinds of credentials', { url: 'https://siem.example', auth: { bearer: 'a', basic: {} } }],
  ['a header name with a space', { url: 'https://siem.example', headers: { 'a b': 'c' } }],
  ['an unknown option', { url: 'https://siem.example', colour: 'blue' }],
])('the schema refuses %s', (_case, options) => {
  expect(http.options.safeParse(options).success).toBe(false);
});
