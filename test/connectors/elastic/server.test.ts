import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { IndexMapping } from '../../support/elastic-mapping.ts';
import { ElasticServer } from '../../support/elastic-server.ts';
import { testRoot } from '../../support/https-server.ts';

const time = '2026-11-03T08:26:10.1234567Z';

/** Asks a server for `_bulk` as any client could. */
async function ask(
  server: ElasticServer,
  body: string,
  headers: object,
): Promise<{ status: number; body: string }> {
  const authorization = `ApiKey ${Buffer.from('key-id:hush').toString('base64')}`;
  const asked = request(`${server.url}/_bulk`, {
    method: 'POST',
    ca: testRoot.cert,
    headers: { authorization, 'content-type': 'application/x-ndjson', ...headers },
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, body: await text(response) };
}

test('the server of these tests refuses what Elasticsearch refuses', async () => {
  await using server = await ElasticServer.listen();
  const line = '{"create":{"_index":"logs-a-b","_id":"1"}}\n';
  const document = `{"@timestamp":"${time}"}\n`;
  const cases: [name: string, body: string, headers: object, status: number, words: string][] = [
    ['no final newline', line + document.trim(), {}, 400, 'terminated by a newline'],
    ['a bad action line', `create\n${document}`, {}, 400, 'Malformed action/metadata line [1]'],
    ['an unknown operation', `{"put":{}}\n${document}`, {}, 400, 'but found [put]'],
    ['an unknown parameter', `{"create":{"id":"1"}}\n${document}`, {}, 400, 'unknown parameter [id]'],
    ['a document too few', line, {}, 400, 'no source line'],
    [
      'an id that is too long',
      line.replace('"1"', `"${'x'.repeat(513)}"`) + document,
      {},
      400,
      'is too long',
    ],
    ['another content type', line + document, { 'content-type': 'text/plain' }, 406, 'not supported'],
    ['no credentials', line + document, { authorization: 'Basic eA==' }, 401, 'security_exception'],
    [
      'an operation other than create',
      line.replace('create', 'index') + document,
      {},
      200,
      'op_type of create',
    ],
    ['no @timestamp', `${line}{}\n`, {}, 200, '@timestamp] is missing'],
    ['a name that is none', line.replace('logs-a-b', 'logs-A-b') + document, {}, 200, 'invalid_index_name'],
    ['a dataset with a hyphen', line.replace('logs-a-b', 'logs-a-b-c') + document, {}, 200, 'no <type>-'],
    ['a member twice', `${line}{"@timestamp":"${time}","a":1,"a":2}\n`, {}, 200, 'document_parsing'],
    ['nothing of that', line + document, {}, 200, '"status":201'],
  ];
  for (const [name, body, headers, status, words] of cases) {
    const answer = await ask(server, body, headers);
    expect([name, answer.status]).toEqual([name, status]);
    expect(answer.body, name).toContain(words);
  }
});

/** One field of each type, and an object that is mapped as flattened. */
const properties = {
  '@timestamp': { type: 'date' },
  ip: { type: 'ip' },
  when: { type: 'date' },
  long: { type: 'long' },
  word: { type: 'keyword', ignore_above: 10 },
  endless: { type: 'keyword' },
  flag: { type: 'boolean' },
  text: { type: 'match_only_text' },
  free: { type: 'flattened' },
  constant: { type: 'constant_keyword', value: 'logs' },
  object: { properties: { word: { type: 'keyword' } } },
};

describe('the mapping of a component template decides on each field', () => {
  test.each([
    ['ip', '10.0.0.1', true],
    ['ip', ['10.0.0.1', '2001:db8::1'], true],
    ['ip', 'host.example', false],
    ['ip', '', false],
    ['when', '2026-11-03T08:26:10.123456789Z', true],
    ['when', 1793694370123, true],
    ['when', 'yesterday', false],
    ['when', '2026-13-03T08:26:10Z', false],
    ['long', 42, true],
    ['long', '9223372036854775807', true],
    ['long', '9223372036854775808', false],
    ['long', 'many', false],
    ['word', 'x'.repeat(40_000), true],
    ['endless', 'x'.repeat(32_767), false],
    ['word', { inner: 'x' }, false],
    ['flag', 'true', true],
    ['flag', 'yes', false],
    ['text', 'x'.repeat(40_000), true],
    ['text', {}, false],
    ['free', { 'a.b': { c: ['d'] }, '': 1 }, true],
    ['free', 'text', false],
    ['free', { 'a\0b': 1 }, false],
    ['constant', 'logs', true],
    ['constant', 'metrics', false],
    ['object', { word: 'x' }, true],
    ['object', 'text', false],
    ['object.word', 'x', true],
    ['object.word.deeper', 'x', false],
    ['unknown', { anything: 1 }, true],
  ])('%s: %j', (name, value, taken) => {
    const mapping = new IndexMapping({ dynamic: false, properties });
    expect(mapping.check({ '@timestamp': time, [name]: value }) === undefined).toBe(taken);
  });

  test('a limit of fields holds where they are guessed, and a type once guessed holds', () => {
    const mapping = new IndexMapping(undefined, 20);
    const members = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, index]));
    expect(mapping.check({ '@timestamp': time, word: 'x' })).toBeUndefined();
    expect(mapping.check({ '@timestamp': time, word: { inner: 1 } })?.reason).toContain('START_OBJECT');
    expect(mapping.check(members)?.reason).toContain('Limit of total fields [20]');
  });

  test('an index template without its parts is refused', async () => {
    await using server = await ElasticServer.listen();
    const template = { index_patterns: ['logs-*-*'], priority: 1, data_stream: {}, composed_of: ['none'] };
    expect(() => server.put('_index_template/own', template)).toThrow('[none] do not exist');
  });
});
