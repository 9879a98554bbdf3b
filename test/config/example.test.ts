import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type JsonSchema, jsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formats } from '../../src/formats/index.ts';
import { loadAll } from '../../src/runtime/listed.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { sourceTypes } from '../../src/sources/index.ts';
import { folderWith } from './config-folder.ts';

/** The example shows what the engine takes; each connector has an example of its own. */
const parts = {
  sinkTypes: await loadAll(sinkTypes),
  formats: await loadAll(formats),
  sourceTypes: await loadAll(sourceTypes),
  profiles: [],
};
const example = readFileSync(new URL('../../deploy/config.example.yaml', import.meta.url), 'utf8');

const files = [
  'secrets/client-secret',
  'secrets/federated-token',
  'secrets/sign-in-key',
  'secrets/web-token',
  'certs/extra-ca.pem',
  'certs/app.pem',
  'certs/app.key',
  'certs/siem-ca.pem',
  'certs/client.pem',
  'certs/client.key',
];

function keysOf(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema;
  const below = [...Object.values(properties), ...anyOf, ...oneOf, ...(items === undefined ? [] : [items])];
  return [...Object.keys(properties), ...below.flatMap(keysOf)];
}

test('the example configuration loads', () => {
  const folder = folderWith({ 'config.yaml': example });
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `content of ${file}\n`);
  }
  const config = loadConfig(join(folder, 'config.yaml'), parts, { WEBHOOK_SIGNING_KEY: 'key' });
  expect(config.tenants.map(({ auth }) => auth.kind)).toEqual([
    'client-secret',
    'certificate',
    'managed-identity',
    'workload-identity',
    'user',
  ]);
  expect(new Set(config.sinks.map(({ type }) => type))).toEqual(new Set(sinkTypes.map(({ name }) => name)));
  expect(new Set(config.sources.map(({ type }) => type))).toEqual(
    new Set(sourceTypes.map(({ name }) => name)),
  );
});

test('the example configuration shows every key that there is', () => {
  const missing = [...new Set(keysOf(jsonSchema(parts)))].filter(
    (key) => !new RegExp(`(^|[\\s{,#-])${key}:`, 'm').test(example),
  );
  expect(missing).toEqual([]);
});

test('the JSON Schema takes the example, and refuses it with an unknown key', () => {
  const schema = z.fromJSONSchema(
    structuredClone(jsonSchema(parts)) as Parameters<typeof z.fromJSONSchema>[0],
  );
  const value: Record<string, unknown> = parse(example);
  expect(schema.safeParse(value).error?.issues).toBeUndefined();
  expect(schema.safeParse({ ...value, tenant: [] }).success).toBe(false);
  expect(schema.safeParse({ ...value, sinks: [{ name: 'x', type: 'syslog' }] }).success).toBe(false);
});
