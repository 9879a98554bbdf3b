import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { ecs } from '../../src/lint/ecs/ecs.ts';
import { allowedValues, ecsFields, expectedTypes, schemaVersion } from '../../src/lint/ecs/ecs-schema.ts';
import { eachRule } from '../support/lint-rules.ts';

const require = createRequire(import.meta.url);

/** A document with these members beside those that every one has. */
function document(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ '@timestamp': '2026-11-03T08:26:10.123Z', ecs: { version: '9.4.0' }, ...members });
}

/** An object so many objects deep. */
function deep(levels: number): unknown {
  return levels === 0 ? 'x' : { a: deep(levels - 1) };
}

describe('fields', () =>
  eachRule(ecs, [
    [
      'unknown',
      document({ host: { nam: 'a' } }),
      document({ host: { name: 'a' } }),
      { at: 'host.nam', message: /no field of ECS/ },
    ],
    [
      'unknown, under a field',
      document({ user: { name: { first: 'a' } } }),
      document({ user: { name: 'a' } }),
      { at: 'user.name', message: /object where ECS has keyword/ },
    ],
    [
      'own, without a root',
      document({ severity: 'high' }),
      document({ contoso: { severity: 'high' } }),
      { at: 'severity', message: /root of their own/ },
    ],
    [
      'text in place of an object',
      document({ host: 'a' }),
      document({ host: { name: 'a' } }),
      { at: 'host', message: /ECS has an object/ },
    ],
    [
      'labels may have any name',
      document({ labels: 'a' }),
      document({ labels: { any: 'a' } }),
      { at: 'labels', message: /ECS has an object/ },
    ],
    [
      'empty name',
      document({ contoso: { '': 1 } }),
      document({ contoso: { a: 1 } }),
      { message: /empty name/ },
    ],
    [
      'null',
      document({ user: { name: null } }),
      document({ user: {} }),
      { level: 'warning', at: 'user.name', message: /null/ },
    ],
    ['@timestamp', '{"ecs":{"version":"9.4.0"}}', document({}), { at: '@timestamp', message: /is missing/ }],
    [
      'ecs.version',
      '{"@timestamp":"2026-11-03T08:26:10Z"}',
      document({}),
      { at: 'ecs.version', message: /is missing/ },
    ],
  ]));

describe('types', () =>
  eachRule(ecs, [
    [
      'keyword',
      document({ process: { name: 7 } }),
      document({ process: { name: '7' } }),
      { at: 'process.name', message: /number where ECS has text/ },
    ],
    [
      'long',
      document({ process: { pid: '7' } }),
      document({ process: { pid: 7 } }),
      { at: 'process.pid', message: /text where ECS has a whole number/ },
    ],
    [
      'long without a fraction',
      document({ process: { pid: 7.5 } }),
      document({ process: { pid: 7 } }),
      { at: 'process.pid', message: /whole number/ },
    ],
    [
      'float',
      document({ event: { risk_score: '7' } }),
      document({ event: { risk_score: 7.5 } }),
      { at: 'event.risk_score', message: /a number/ },
    ],
    [
      'boolean',
      document({ file: { code_signature: { exists: 'true' } } }),
      document({ file: { code_signature: { exists: true } } }),
      { message: /true or false/ },
    ],
    [
      'ip',
      document({ source: { ip: 'localhost' } }),
      document({ source: { ip: '::1' } }),
      { at: 'source.ip', message: /no IP address/ },
    ],
    [
      'ip without a zone',
      document({ source: { ip: 'fe80::1%eth0' } }),
      document({ source: { ip: 'fe80::1' } }),
      { at: 'source.ip', message: /no IP address/ },
    ],
    [
      'date',
      document({ event: { start: '3 Nov 2026' } }),
      document({ event: { start: '2026-11-03T08:26:10.123456789+01:00' } }),
      { at: 'event.start', message: /no time/ },
    ],
    [
      'date that exists',
      document({ event: { start: '2026-02-30T00:00:00Z' } }),
      document({ event: { start: '2026-02-28T00:00:00Z' } }),
      { at: 'event.start', message: /no time/ },
    ],
    [
      'list',
      document({ host: { ip: '10.0.0.1' } }),
      document({ host: { ip: ['10.0.0.1'] } }),
      { at: 'host.ip', message: /always a list/ },
    ],
    [
      'list of objects',
      document({ email: { attachments: { file: { name: 'a' } } } }),
      document({ email: { attachments: [{ file: { name: 'a' } }] } }),
      { at: 'email.attachments', message: /always a list/ },
    ],
    [
      'no list',
      document({ host: { id: ['a'] } }),
      document({ host: { id: 'a' } }),
      { level: 'warning', at: 'host.id', message: /one value/ },
    ],
    [
      'each of a list',
      document({ related: { ip: ['10.0.0.1', 'a'] } }),
      document({ related: { ip: ['10.0.0.1'] } }),
      { at: 'related.ip', message: /no IP address/ },
    ],
    [
      'long keyword',
      document({ user: { name: 'x'.repeat(1025) } }),
      document({ user: { name: 'x'.repeat(1024) } }),
      { level: 'warning', at: 'user.name', message: /1025 characters/ },
    ],
  ]));

describe('values', () =>
  eachRule(ecs, [
    [
      'event.kind',
      document({ event: { kind: 'detection' } }),
      document({ event: { kind: 'alert' } }),
      { at: 'event.kind', message: /'detection'/ },
    ],
    [
      'event.category',
      document({ event: { category: ['disk'] } }),
      document({ event: { category: ['host'] } }),
      { at: 'event.category', message: /'disk'/ },
    ],
    [
      'event.type',
      document({ event: { type: ['new'] } }),
      document({ event: { type: ['info'] } }),
      { at: 'event.type', message: /'new'/ },
    ],
    [
      'event.outcome',
      document({ event: { outcome: 'ok' } }),
      document({ event: { outcome: 'success' } }),
      { at: 'event.outcome', message: /'ok'/ },
    ],
    [
      'type of a category',
      document({ event: { category: ['registry'], type: ['info'] } }),
      document({ event: { category: ['registry', 'file'], type: ['info'] } }),
      { level: 'warning', at: 'event.type', message: /not expected of the categories registry/ },
    ],
    [
      'host.os.type',
      document({ host: { os: { type: 'Windows' } } }),
      document({ host: { os: { type: 'windows' } } }),
      { level: 'warning', at: 'host.os.type', message: /expected/ },
    ],
  ]));

describe('what an index does not take', () =>
  eachRule(ecs, [
    [
      'nested and dotted',
      document({ user: { name: 'a' }, 'user.name': 'b' }),
      document({ 'user.name': 'b' }),
      { at: 'user.name', message: /stands twice/ },
    ],
    [
      'object and text under one path',
      document({ own: { list: [{ a: { b: 1 } }, { a: 'b' }] } }),
      document({ own: { list: [{ a: { b: 1 } }] } }),
      { at: 'own.list.a', message: /at once/ },
    ],
    [
      'kinds in one list',
      document({ own: { list: ['a', 1] } }),
      document({ own: { list: ['a', '1'] } }),
      { level: 'warning', at: 'own.list', message: /text and a number/ },
    ],
    [
      'depth',
      document({ own: deep(20) }),
      document({ own: deep(19) }),
      { message: /more than 20 objects deep/ },
    ],
    [
      'number of fields',
      document({ own: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, at])) }),
      document({ own: { f: 1 } }),
      { message: /an index takes 1000/ },
    ],
  ]));

describe('recognised', () => {
  test.each([
    ['a document', document({}), true],
    ['with a dotted version', '{"ecs.version":"9.4.0"}', true],
    ['broken off', '{"@timestamp":"2026-11-03T08:26:10Z","event":{"ki', true],
    ['another object', '{"id":"@timestamp"}', false],
    ['one that carries a document as text', JSON.stringify({ event: document({}) }), false],
    ['one that carries a document', `{"event":${document({})}}`, false],
    ['no object', '["@timestamp"]', false],
  ])('%s', (_name, text, expected) => expect(ecs.recognises(text)).toBe(expected));

  test('what is no JSON is told as such', () => {
    expect(ecs.lint('{"@timestamp":')).toMatchObject([{ message: expect.stringMatching(/no JSON/) }]);
    expect(ecs.lint('7')).toMatchObject([{ level: 'error' }]);
    expect(ecs.lint('['.repeat(20_000) + ']'.repeat(20_000))).not.toEqual([]);
    expect(ecs.lint(`{"own":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).not.toEqual([]);
  });
});

test('the schema is that of the package it was made from', () => {
  const { version } = require('@elastic/ecs/package.json') as { version: string };
  const { EcsFlat } = require('@elastic/ecs/build/commonjs/ecs_flat.js') as {
    EcsFlat: Record<
      string,
      {
        type: string;
        normalize: string[];
        allowed_values?: { name: string; expected_event_types?: string[] }[];
      }
    >;
  };
  expect(schemaVersion).toBe(version);
  expect(Object.fromEntries(ecsFields)).toEqual(
    Object.fromEntries(
      Object.entries(EcsFlat).map(([path, { type, normalize }]) => [
        path,
        { type, list: normalize.includes('array') },
      ]),
    ),
  );
  for (const [path, { allowed_values: values }] of Object.entries(EcsFlat)) {
    expect(allowedValues(path), path).toEqual(values?.map(({ name }) => name));
  }
  for (const { name, expected_event_types: types } of EcsFlat['event.category']?.allowed_values ?? []) {
    expect(expectedTypes(name)).toEqual(types);
  }
});
