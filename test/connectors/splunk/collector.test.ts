import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { HecCollector, type HecSettings } from '../../support/hec-collector.ts';

const channel = '2c4c1b4e-6c1e-4a43-9d4a-3a1e5c5c0a11';
const event = '{"time":1793694370.123,"event":{"a":1},"fields":{"event_id":"a"}}';

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(settings: Partial<HecSettings>, asked: Asked) {
  await using collector = await HecCollector.listen({ useAck: false, indexes: ['defender'], ...settings });
  const { path = '/services/collector/event', method = 'POST', body = event, headers = {} } = asked;
  const response = await fetch(`${collector.url}${path}`, {
    method,
    headers: { authorization: 'Splunk hush', ...headers },
    ...(method === 'GET' ? {} : { body }),
  });
  const text = await response.text();
  const answer = text.startsWith('{') ? (JSON.parse(text) as object) : {};
  return { status: response.status, indexed: collector.indexed.length, ...answer };
}

describe('a request whose body is not as HEC wants it is refused, and what stood before is indexed', () => {
  test.each([
    ['a list of events', `[${event}]`, { code: 6, 'invalid-event-number': 0, indexed: 0 }],
    ['a comma between events', `${event},${event}`, { code: 6, 'invalid-event-number': 1, indexed: 1 }],
    ['no JSON', 'hello', { code: 6, indexed: 0 }],
    ['JSON that ends too early', `${event}{"event":{`, { code: 6, 'invalid-event-number': 1, indexed: 1 }],
    ['nothing', '', { code: 5, indexed: 0 }],
    ['white space', ' \n ', { code: 5, indexed: 0 }],
    ['no event', '{"time":1}', { code: 12, 'invalid-event-number': 0 }],
    ['the event null', '{"event":null}', { code: 13 }],
    ['an empty event', '{"event":""}', { code: 13 }],
    ['a blank event', '{"event":" \\t"}', { code: 13 }],
    ['a number for an event', '{"event":7}', { code: 6 }],
    ['a time with an exponent', '{"time":1.793694370123E9,"event":"x"}', { code: 15 }],
    ['a time in words', '{"time":"2026-11-03T08:26:10Z","event":"x"}', { code: 15 }],
    ['the time null', '{"time":null,"event":"x"}', { code: 15 }],
    ['nested fields', '{"event":"x","fields":{"a":{"b":1}}}', { code: 15 }],
    ['a list in a list of fields', '{"event":"x","fields":{"a":[["b"]]}}', { code: 15 }],
    ['a field null', '{"event":"x","fields":{"a":null}}', { code: 15 }],
    ['fields as a list', '{"event":"x","fields":["a"]}', { code: 15 }],
    ['a host that is no text', '{"event":"x","host":{}}', { code: 6 }],
    ['an index that is not allowed', '{"event":"x","index":"main"}', { code: 7, 'invalid-event-number': 0 }],
  ])('%s', async (_name, body, answer) => {
    expect(await ask({}, { body })).toMatchObject({ status: 400, ...answer });
  });
});

test.each([
  ['one after the other', `${event}${event}`, 2],
  ['on lines', `${event}\n${event}\r\n`, 2],
  [
    'texts, times as texts, lists of fields',
    '{"event":"}{","time":"1793694370.1","fields":{"a":["b",1]}}',
    1,
  ],
  ['an index that is allowed', '{"event":"x","index":"defender"}', 1],
])('events are taken %s', async (_name, body, indexed) => {
  expect(await ask({}, { body })).toMatchObject({ status: 200, code: 0, indexed });
});

describe('a request that is not as HEC wants it is refused', () => {
  const acked: Partial<HecSettings> = { useAck: true };
  test.each<readonly [string, Partial<HecSettings>, Asked, object]>([
    ['without a token', {}, { headers: { authorization: '' } }, { status: 401 }],
    ['with the word Bearer', {}, { headers: { authorization: 'Bearer hush' } }, { status: 401, code: 3 }],
    ['with another token', {}, { headers: { authorization: 'Splunk other' } }, { status: 403, code: 4 }],
    ['with a token that is disabled', { enabled: false }, {}, { status: 403, code: 1 }],
    [
      'with the token in the query',
      {},
      { path: '/services/collector/event?token=hush' },
      { status: 400, code: 16 },
    ],
    ['by GET', {}, { method: 'GET' }, { status: 405 }],
    ['elsewhere', {}, { path: '/services/collector/events' }, { status: 404 }],
    ['that is too large', { maxBytes: 10 }, {}, { status: 413 }],
    [
      'that is too large once it is unpacked',
      { maxBytes: 100 },
      { body: gzipSync(event.repeat(9)), headers: { 'content-encoding': 'gzip' } },
      { status: 413 },
    ],
    ['without a channel', acked, {}, { status: 400, code: 10 }],
    [
      'with a channel that is no GUID',
      acked,
      { headers: { 'x-splunk-request-channel': '7' } },
      { status: 400, code: 11 },
    ],
    [
      'for acknowledgements of a token without',
      {},
      { path: '/services/collector/ack' },
      { status: 400, code: 14 },
    ],
    [
      'for acknowledgements, but not by a list',
      acked,
      { path: `/services/collector/ack?channel=${channel}`, body: '{"acks":7}' },
      { status: 400, code: 6 },
    ],
  ])('%s', async (_name, settings, asked, answer) => {
    expect(await ask(settings, asked)).toMatchObject(answer);
  });
});

test.each<readonly [string, Partial<HecSettings>, Asked, object]>([
  [
    'Basic, with the token for a password',
    {},
    { headers: { authorization: `Basic ${btoa('x:hush')}` } },
    { code: 0 },
  ],
  ['the short path', {}, { path: '/services/collector' }, { code: 0 }],
  ['the path with a version', {}, { path: '/services/collector/event/1.0' }, { code: 0 }],
  ['a question for its health', {}, { path: '/services/collector/health', method: 'GET' }, { code: 17 }],
  [
    'a channel in the query',
    { useAck: true },
    { path: `/services/collector/event?channel=${channel}` },
    { code: 0, ackId: 0 },
  ],
])('taken: %s', async (_name, settings, asked, answer) => {
  expect(await ask(settings, asked)).toMatchObject({ status: 200, ...answer });
});
