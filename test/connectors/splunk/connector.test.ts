import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splunkHec } from '../../../connectors/splunk/connector.ts';
import { type HecMetadata, hecEnvelope, hecText, sourcetypes } from '../../../connectors/splunk/event.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import { parts } from '../../../src/parts.ts';
import { anyText } from '../../support/any-text.ts';
import { anEvent } from '../../support/event.ts';
import { HeldClock } from '../../support/held-clock.ts';
import { type Answer, HttpReceiver } from '../../support/http-receiver.ts';
import { payloads, sinkContext, sinkContract } from '../../support/sink-contract.ts';

const never = new AbortController().signal;
const accepted = { kind: 'accepted' };

/** Answers as HEC does. */
function hec(status: number, code: number, extra: object = {}) {
  return { status, body: JSON.stringify({ text: `text of ${code}`, code, ...extra }) };
}

function hecSink(url: string, extra: object = {}, facts: object = {}) {
  const options = splunkHec.options.parse({ url, token: 'hush', ...extra });
  return splunkHec.create(options, sinkContext(facts));
}

/** A collector that refuses an empty body by code 5, as the real one does, and else answers as told. */
async function collector(answer: (body: string) => Answer = () => hec(200, 0)): Promise<HttpReceiver> {
  const receiver = await HttpReceiver.listen();
  receiver.answer = ({ body }) => (body === '' ? hec(400, 5) : answer(body));
  return receiver;
}

/** The events of all requests, parsed. */
function eventsOf(receiver: HttpReceiver): Record<string, unknown>[] {
  return receiver.requests
    .flatMap(({ body }) => body.split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

sinkContract('splunk-hec', {
  async open() {
    const receiver = await collector();
    const sink = hecSink(receiver.url);
    return {
      sink,
      received: async () => eventsOf(receiver).map(({ event }) => JSON.stringify(event)),
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
      },
    };
  },
  async refused() {
    const receiver = await HttpReceiver.listen();
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const sink = hecSink(url);
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const receiver = await HttpReceiver.listen();
    receiver.answer = () => 'hang';
    const sink = hecSink(receiver.url);
    return {
      sink,
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await receiver[Symbol.asyncDispose]();
      },
    };
  },
});

describe('an event', () => {
  const metadata = {
    sourcetype: undefined,
    source: 'defender-siem',
    index: undefined,
    host: undefined,
    fallbackHost: 'connector',
  };

  const hecEvent = (event: SecurityEvent, text: string, json: boolean, about: HecMetadata) => {
    const { before, behind } = hecEnvelope(about);
    return before(event) + hecText(text, json) + behind(event);
  };

  test('has its time in seconds, its identity as fields, and the record verbatim', () => {
    const text = '{"id":"a",  "big":12345678901234567890}';
    expect(hecEvent(anEvent({ tenantId: 'contoso' }), text, true, { ...metadata, index: 'defender' })).toBe(
      `{"time":1793694370.123,"host":"connector","source":"defender-siem","sourcetype":"ms365:defender:incident:alerts","index":"defender","event":${text},"fields":{"event_id":"da637551227677560813_-961444813","event_version":"2026-11-03T08:26:10.1234567Z","tenant":"contoso"}}`,
    );
  });
  test('names its source by kind, and the table of a queried row as a field', () => {
    const row = anEvent({ kind: 'hunting-event', table: 'DeviceProcessEvents' });
    expect(JSON.parse(hecEvent(row, '{}', true, { ...metadata, source: undefined }))).toMatchObject({
      source: 'defender-siem:hunting-event',
      fields: { table: 'DeviceProcessEvents' },
    });
  });
  test('a format that is not JSON goes as a string', () => {
    const line = hecEvent(anEvent(), 'CEF:0|a "b"|\\', false, metadata);
    expect(JSON.parse(line)).toMatchObject({ event: 'CEF:0|a "b"|\\' });
  });
  test('falls back to the time of creation, and names none without either', () => {
    const created = '2026-11-03T08:26:10Z';
    const line = hecEvent(anEvent({ updated: undefined, created }), '{}', true, metadata);
    expect(line).toContain('"time":1793694370.000,');
    expect(hecEvent(anEvent({ updated: undefined }), '{}', true, metadata)).not.toContain('"time"');
  });
  test.each(['graph-alert', 'alert', 'detection'] as const)(
    'of kind %s has the source type of its kind',
    (kind) => {
      expect(JSON.parse(hecEvent(anEvent({ kind }), '{}', true, metadata))).toMatchObject({
        sourcetype: sourcetypes[kind],
      });
    },
  );
  test('is one line of JSON with nothing but what was put in, whatever the texts', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (title, id, tenantId) => {
        const line = hecEvent(anEvent({ id, tenantId }), title, false, metadata);
        expect(/[\n\r\u0085\u2028\u2029]/.test(line)).toBe(false);
        const { event, fields, ...rest } = JSON.parse(line);
        expect(typeof event).toBe('string');
        const { version } = anEvent();
        expect(fields).toEqual({
          event_id: id.toWellFormed(),
          event_version: version,
          tenant: tenantId.toWellFormed(),
        });
        expect(Object.keys(rest)).toEqual(['time', 'host', 'source', 'sourcetype']);
      }),
    );
  });
});

describe('a request', () => {
  test('carries the token and goes to the event endpoint, compressed', async () => {
    await using receiver = await collector();
    await using sink = hecSink(receiver.url);
    await sink.send(payloads('{"n":1}', '{"n":2}'), never);
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/services/collector/event' });
    expect(request?.headers).toMatchObject({ authorization: 'Splunk hush', 'content-encoding': 'gzip' });
    expect(request?.body.split('\n')).toHaveLength(2);
  });
  test('keeps a path of its own', async () => {
    await using receiver = await collector();
    await using sink = hecSink(`${receiver.url}/hec/services/collector/event`, { gzip: false });
    await sink.send(payloads('{}'), never);
    expect(receiver.requests[0]?.path).toBe('/hec/services/collector/event');
  });
  test('stays under maxRequestBytes', async () => {
    await using receiver = await collector();
    await using sink = hecSink(receiver.url, { maxRequestBytes: 10_000 });
    const texts = Array.from({ length: 10 }, () => JSON.stringify('x'.repeat(2_500)));
    expect(await sink.send(payloads(...texts), never)).toEqual(texts.map(() => accepted));
    expect(receiver.requests.length).toBeGreaterThan(1);
    for (const { body } of receiver.requests) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(10_000);
    expect(eventsOf(receiver)).toHaveLength(10);
  });
  test.each([
    ['by default', {}, 999_000],
    ["with a source type of the user's own", { sourcetype: 'mine' }, 10_000],
    ['as told', { sourcetype: 'mine', maxEventBytes: 20_000 }, 20_000],
  ])('has room for an event, %s', (_case, extra, room) => {
    const bytes = hecSink('https://siem.example:8088', extra).payloadBytes(anEvent());
    expect(bytes).toBeGreaterThanOrEqual(room);
    expect(bytes).toBeLessThanOrEqual(1_000_000);
  });
});

describe('an answer', () => {
  test.each([
    [200, 0],
    [200, 17],
    [200, 24],
    [200, 25],
  ])('%i with code %i accepts', async (status, code) => {
    await using receiver = await collector(() => hec(status, code));
    await using sink = hecSink(receiver.url);
    expect(await sink.send(payloads('{}'), never)).toEqual([accepted]);
  });

  test('codes 24 and 25 slow down', async () => {
    const slept: number[] = [];
    const clock = new HeldClock((ms) => slept.push(ms) > 0);
    await using receiver = await collector((body) => hec(200, body.includes('"n":2') ? 25 : 24));
    await using sink = hecSink(receiver.url, {}, { clock });
    await sink.send(payloads('{"n":1}'), never);
    await sink.send(payloads('{"n":2}'), never);
    expect(slept).toEqual([1_000, 1_000]);
  });

  test.each([
    [500, 8],
    [503, 9],
    [400, 11],
    [503, 18],
    [503, 19],
    [503, 20],
    [503, 23],
    [429, 26],
    [429, 27],
  ])('%i with code %i defers, after Retry-After if there is one', async (status, code) => {
    await using receiver = await collector(() => ({ ...hec(status, code), headers: { 'retry-after': '3' } }));
    await using sink = hecSink(receiver.url);
    const reason = `${receiver.url} answered code ${code}, text of ${code}`;
    expect(await sink.send(payloads('{}'), never)).toEqual([
      { kind: 'deferred', reason, retryAfterMs: 3_000 },
    ]);
  });

  test.each([
    [403, 1, /enable it/],
    [401, 2, /Authorization/],
    [401, 3, /`token`/],
    [403, 4, /`token`/],
    [400, 7, /allowed indexes.*`index`/],
    [400, 10, /`acknowledge: true`/],
    [400, 14, /`acknowledge: false`/],
    [400, 16, /`url`/],
    [400, 21, /`token`/],
    [400, 22, /enable/],
    [400, 99, /unknown/],
  ])('%i with code %i defers slowly and says what to do', async (status, code, words) => {
    await using receiver = await collector(() => hec(status, code, { 'invalid-event-number': 0 }));
    await using sink = hecSink(receiver.url);
    const outcome = { kind: 'deferred', reason: expect.stringMatching(words), retryAfterMs: 60_000 };
    expect(await sink.send(payloads('{}', '{}'), never)).toEqual([outcome, outcome]);
    expect(receiver.requests).toHaveLength(1);
  });

  test.each([6, 12, 13, 15])(
    'code %i takes out the event it names, and the rest goes on from there',
    async (code) => {
      await using receiver = await collector((body) => {
        const bad = body.split('\n').findIndex((line) => line.includes('bad'));
        return bad < 0 ? hec(200, 0) : hec(400, code, { 'invalid-event-number': bad });
      });
      await using sink = hecSink(receiver.url);
      const outcomes = await sink.send(payloads('"a"', '"bad1"', '"b"', '"bad2"', '"c"'), never);
      const rejected = { kind: 'rejected', reason: `${receiver.url} answered code ${code}, text of ${code}` };
      expect(outcomes).toEqual([accepted, rejected, accepted, rejected, accepted]);
      expect(receiver.requests.map(({ body }) => body.split('\n').length)).toEqual([5, 3, 1]);
    },
  );

  test('a bad event that is not named is searched for', async () => {
    await using receiver = await collector((body) => (body.includes('bad') ? hec(400, 6) : hec(200, 0)));
    await using sink = hecSink(receiver.url);
    const outcomes = await sink.send(payloads('"a"', '"bad"', '"b"'), never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'rejected', 'accepted']);
  });

  test('413 halves', async () => {
    await using receiver = await collector((body) =>
      body.includes('\n') ? { status: 413, body: '<html>too large</html>' } : hec(200, 0),
    );
    await using sink = hecSink(receiver.url);
    expect(await sink.send(payloads('"a"', '"b"', '"c"'), never)).toEqual([accepted, accepted, accepted]);
  });

  test.each([
    ['200 of a page that is no collector', { status: 200, body: '<html>Welcome</html>' }],
    ['400 of a server that is no collector', { status: 400, body: '<html>Bad</html>' }],
    ['404', { status: 404 }],
    ['a redirect', { status: 302, headers: { location: 'https://login.example/' } }],
  ])('defers slowly and makes no dead letter: %s', async (_case, answer) => {
    await using receiver = await collector(() => answer);
    await using sink = hecSink(receiver.url);
    expect(await sink.send(payloads('{}'), never)).toMatchObject([
      { kind: 'deferred', retryAfterMs: 60_000, reason: expect.stringContaining('`url`') },
    ]);
  });

  test.each([502, 504])('%i of a load balancer defers', async (status) => {
    await using receiver = await collector(() => ({ status, body: '<html>Bad gateway</html>' }));
    await using sink = hecSink(receiver.url);
    expect(await sink.send(payloads('{}'), never)).toMatchObject([{ kind: 'deferred' }]);
  });

  test('the token is struck out where the answer repeats it', async () => {
    await using receiver = await collector(() => ({ status: 403, body: '{"text":"no hush here","code":4}' }));
    await using sink = hecSink(receiver.url);
    const [outcome] = await sink.send(payloads('{}'), never);
    expect(JSON.stringify(outcome)).toContain('no [secret] here');
    expect(JSON.stringify(outcome)).not.toContain('hush');
  });
});

describe('a probe', () => {
  test.each([
    [403, 4, 'SINK_REFUSED'],
    [503, 18, 'SINK_UNREACHABLE'],
  ])('%i with code %i is told as %s', async (status, code, failure) => {
    await using receiver = await HttpReceiver.listen();
    receiver.answer = () => hec(status, code);
    await using sink = hecSink(receiver.url);
    await expect(sink.probe(never)).rejects.toMatchObject({ code: failure });
  });
});

test('the example is a valid configuration', () => {
  const path = fileURLToPath(new URL('../../../connectors/splunk/example.yaml', import.meta.url));
  const config = loadConfig(path, parts, { DEFENDER_CLIENT_SECRET: 'hush', SPLUNK_HEC_TOKEN: 'hush' });
  expect(config.sinks).toMatchObject([{ type: 'splunk-hec', format: 'json' }]);
});
