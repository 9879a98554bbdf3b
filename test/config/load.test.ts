import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig, loadConfig } from '../../src/config/load.ts';
import { unreadable } from '../../src/config/references.ts';
import type { Config } from '../../src/config/schema.ts';
import { Secret } from '../../src/fields/secret.ts';
import { folderWith } from './config-folder.ts';
import { good } from './good-config.ts';
import { parts } from './parts.ts';

const smallest = `tenants:
  - name: contoso
    id: contoso.onmicrosoft.com
    auth: { managedIdentity: {} }
sources:
  - { name: alerts, tenant: contoso }
sinks:
  - { name: siem, type: socket, host: siem.test }
`;

function load(text: string, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const folder = folderWith({ ...files, 'config.yaml': text });
  return { folder, config: loadConfig(join(folder, 'config.yaml'), parts, env) };
}

function sinkOf(config: Config) {
  const [sink] = config.sinks;
  if (sink === undefined) throw new Error('no sink');
  return sink;
}

describe('defaults', () => {
  test('fill in all that the smallest file leaves out', () => {
    const { folder, config } = load(smallest);
    expect(config).toEqual({
      store: {
        path: join(folder, 'state.db'),
        retention: 7 * 86_400_000,
        maxBytes: 10 * 2 ** 30,
      },
      tenants: [
        {
          name: 'contoso',
          id: 'contoso.onmicrosoft.com',
          cloud: 'commercial',
          auth: { kind: 'managed-identity' },
          endpoints: {},
        },
      ],
      sources: [
        {
          name: 'alerts',
          type: 'graph-alerts',
          tenant: 'contoso',
          schedule: { everyMs: 30_000 },
          pace: 'adaptive',
          sinceMs: 86_400_000,
          overlap: { minMs: 900_000, maxMs: 7_200_000 },
          settleMs: 0,
          updates: 'all',
          options: { filter: {}, pageSize: 500 },
          part: parts.sourceTypes[0],
        },
      ],
      sinks: [
        {
          name: 'siem',
          type: 'socket',
          format: 'leef',
          formatOptions: { version: '2.0' },
          batch: { maxEvents: 500, maxBytes: 2 ** 20, lingerMs: 200 },
          retry: { initialMs: 1_000, maxMs: 300_000 },
          options: { host: 'siem.test', port: 6514, rfc: 5424, facility: 'local0' },
          parts: { type: parts.sinkTypes[0], format: parts.formats[2] },
        },
      ],
      routes: [],
      audit: { every: 21_600_000, window: 172_800_000 },
      watch: { heartbeat: 300_000, blindSpots: true },
      log: { level: 'info' },
      shutdown: { grace: 10_000 },
    });
  });

  test('nothing listens without the section admin, which needs no more than its name', () => {
    expect(load(smallest).config.admin).toBeUndefined();
    const { config } = load(`${smallest}\nadmin: {}\n`);
    expect(config.admin).toEqual({ listen: { host: '127.0.0.1', port: 9464 } });
  });

  test('a type has a pace of its own', () => {
    const { config } = load(smallest.replace('{ name: alerts,', '{ name: alerts, type: detections,'));
    expect(config.sources[0]).toMatchObject({ schedule: { everyMs: 60_000 }, options: {} });
  });

  test('an overlap of one duration is fixed, one with bounds follows what is measured', () => {
    const overlapOf = (overlap: string) =>
      load(smallest.replace('tenant: contoso }', `tenant: contoso, overlap: ${overlap} }`)).config.sources[0]
        ?.overlap;
    expect(overlapOf('20m')).toEqual({ minMs: 1_200_000, maxMs: 1_200_000 });
    expect(overlapOf('{ max: 6h }')).toEqual({ minMs: 900_000, maxMs: 21_600_000 });
  });

  test('a cron expression takes the place of the pace', () => {
    const { config } = load(
      smallest.replace('tenant: contoso }', 'tenant: contoso, cron: "*/15 * * * * *" }'),
    );
    expect(config.sources[0]?.schedule).toEqual({ cron: '*/15 * * * * *' });
  });
});

describe('a credential', () => {
  const id = '11111111-1111-1111-1111-111111111111';
  test.each([
    [
      '{ managedIdentity: { resourceId: /subscriptions/x } }',
      { kind: 'managed-identity', resourceId: '/subscriptions/x' },
    ],
    [
      `{ clientId: ${id}, certificate: { path: c.pem } }`,
      { kind: 'certificate', clientId: id, path: 'FOLDER/c.pem' },
    ],
    [
      `{ clientId: ${id}, certificate: { path: c.pem, keyPath: k.pem } }`,
      { kind: 'certificate', clientId: id, path: 'FOLDER/c.pem', keyPath: 'FOLDER/k.pem' },
    ],
    [
      `{ clientId: ${id}, certificate: { pfx: c.pem, password: "${'$'}{file:k.pem}" } }`,
      { kind: 'certificate', clientId: id, pfx: 'FOLDER/c.pem', password: '[secret]' },
    ],
    [
      `{ clientId: ${id}, certificate: { path: c.pem }, rotate: {} }`,
      { kind: 'certificate', clientId: id, path: 'FOLDER/c.pem', rotate: { before: 2_592_000_000 } },
    ],
    [
      `{ clientId: ${id}, clientSecret: "${'$'}{file:k.pem}", rotate: { before: 14d } }`,
      { kind: 'client-secret', clientId: id, secret: '[secret]', rotate: { before: 1_209_600_000 } },
    ],
    [
      `{ clientId: ${id}, user: { cache: contoso.token, key: 0123456789abcdef } }`,
      { kind: 'user', clientId: id, cache: 'FOLDER/contoso.token', key: '[secret]' },
    ],
    [
      `{ clientId: ${id}, workloadIdentity: { tokenFile: c.pem } }`,
      { kind: 'workload-identity', clientId: id, tokenFile: 'FOLDER/c.pem' },
    ],
  ])('%s', (auth, expected) => {
    const { folder, config } = load(
      smallest.replace('{ managedIdentity: {} }', auth),
      {},
      { 'c.pem': 'c', 'k.pem': 'k' },
    );
    expect(JSON.parse(JSON.stringify(config.tenants[0]?.auth).replaceAll(folder, 'FOLDER'))).toEqual(
      expected,
    );
  });

  test('in a file of its own knows the file', () => {
    const { folder, config } = load(
      smallest.replace('{ managedIdentity: {} }', `{ clientId: ${id}, clientSecret: "${'$'}{file:k.pem}" }`),
      {},
      { 'k.pem': 'a-secret' },
    );
    const auth = config.tenants[0]?.auth;
    expect(auth?.kind === 'client-secret' && auth.secret.file).toBe(`${folder}/k.pem`);
  });

  test('of text is a Secret that prints as nothing', () => {
    const { config } = load(good);
    const auth = config.tenants[0]?.auth;
    expect(JSON.stringify(config)).not.toContain('a-well-kept-secret');
    expect(auth?.kind === 'client-secret' && auth.secret.read()).toBe('a-well-kept-secret');
  });
});

describe('references', () => {
  const withHost = (host: string) => smallest.replace('siem.test', () => host);

  test.each([
    ['a variable', '"${env:HOST}"', 'siem.example'],
    ['a variable within a text', '"a.${env:HOST}:${env:ZONE}"', 'a.siem.example:b'],
    ['a default for a variable that is not set', '"${env:NONE:-other.test}"', 'other.test'],
    ['a default for a variable that is empty', '"${env:EMPTY:-other.test}"', 'other.test'],
    ['no default for a variable that is set', '"${env:HOST:-other.test}"', 'siem.example'],
    ['a file, its last line end left out', '"${file:host.txt}"', 'from.file'],
    ['a file within a text', '"x.${file:host.txt}"', 'x.from.file'],
    ['a plain ${', '"$${env:HOST}"', '${env:HOST}'],
    ['a dollar that begins nothing', '"a$b$"', 'a$b$'],
    ['a value that looks like a reference is not resolved again', '"${env:NESTED}"', '${env:HOST}'],
  ])('%s', (_name, written, expected) => {
    const env = { HOST: 'siem.example', ZONE: 'b', EMPTY: '', NESTED: '${env:HOST}' };
    const { config } = load(withHost(written), env, { 'host.txt': 'from.file\r\n' });
    expect(sinkOf(config).options.host).toBe(expected);
  });

  test('stand for numbers and truth values where such belong', () => {
    const text = smallest
      .replace('host: siem.test', 'host: siem.test, port: "${env:PORT}"')
      .concat('  - { name: web, type: web, url: https://siem.test, acknowledge: "${env:ACK}" }\n');
    const { config } = load(text, { PORT: '1514', ACK: 'true' });
    expect(config.sinks.map(({ options }) => options)).toMatchObject([{ port: 1514 }, { acknowledge: true }]);
  });

  test('stay text where text belongs, though they look like a number', () => {
    expect(sinkOf(load(withHost('"${env:HOST}"'), { HOST: '10' }).config).options.host).toBe('10');
  });

  test('make secrets in open groups of keys too', () => {
    const web = '  - { name: web, type: web, url: https://siem.test, headers: { X-Key: "${env:KEY}" } }\n';
    const headers = load(smallest + web, { KEY: 'k' }).config.sinks[1]?.options.headers as Record<
      string,
      Secret
    >;
    expect(headers['X-Key']?.read()).toBe('k');
  });
});

describe('paths start at the folder of the file', () => {
  test('of the store, of certificates and of files that a sink writes', () => {
    const disk = '  - { name: disk, type: disk, path: out/events.ndjson }\nstore: { path: ./data/s.db }\n';
    const text = smallest.replace('host: siem.test', 'host: siem.test, tls: { ca: ./ca.pem }') + disk;
    const { folder, config } = load(text, {}, { 'ca.pem': 'x' });
    expect(config.store.path).toBe(join(folder, 'data/s.db'));
    expect(config.sinks.map(({ options }) => options)).toMatchObject([
      { tls: { ca: join(folder, 'ca.pem'), verify: true } },
      { path: join(folder, 'out/events.ndjson') },
    ]);
  });

  test.each([
    ['the store', './data/s.db', 'data/s.db', 'is the file of the store (store.path)'],
    ["the store's log", 'data/../data/s.db-wal', 'data/s.db', 'is the file of the store (store.path)'],
    ['the store where it is by default', 'state.db', '', 'is the file of the store (store.path)'],
  ])('a sink does not write into %s', (_name, path, store, message) => {
    const section = store === '' ? '' : `store: { path: ${store} }\n`;
    const text = `${smallest}  - { name: disk, type: disk, path: ${path} }\n${section}`;
    expect(() => load(text)).toThrow(`sinks[1].path: ${message}: give each its own`);
  });

  test('two sinks do not write into one file', () => {
    const disks = ['a.log', './x/../a.log'].map(
      (path, n) => `  - { name: d${n}, type: disk, path: ${path} }\n`,
    );
    expect(() => load(smallest + disks.join(''))).toThrow(
      'sinks[2].path: is the file of sinks[1]: give each its own',
    );
  });

  test('unless they are absolute', () => {
    expect(load(`${smallest}store: { path: /var/lib/x/state.db }\n`).config.store.path).toBe(
      '/var/lib/x/state.db',
    );
  });
});

test('a credential from a file follows the file without a new load', () => {
  let now = 0;
  const folder = folderWith({
    'config.yaml': `${smallest}  - { name: web, type: web, url: https://siem.test, token: "\${file:hec}" }\n`,
    hec: 'first\n',
  });
  const config = loadConfig(join(folder, 'config.yaml'), parts, {}, { now: () => now });
  const token = config.sinks[1]?.options.token;
  if (!(token instanceof Secret)) throw new Error('no secret');
  expect(token.read()).toBe('first');
  writeFileSync(join(folder, 'hec'), 'second\n');
  expect(token.read()).toBe('first');
  now += 60_000;
  expect(token.read()).toBe('second');
});

test('a credential within one of several shapes is found, and follows its file', () => {
  let now = 0;
  const written = 'auth: { basic: { username: me, password: "${file:password}" } }';
  const folder = folderWith({
    'config.yaml': `${smallest}  - { name: web, type: web, url: https://siem.test, ${written} }\n`,
    password: 'first',
  });
  const config = loadConfig(join(folder, 'config.yaml'), parts, {}, { now: () => now });
  const auth = config.sinks[1]?.options.auth as { basic?: { password: Secret } } | undefined;
  writeFileSync(join(folder, 'password'), 'second');
  now += 60_000;
  expect(auth?.basic?.password.read()).toBe('second');
});

describe('conditions of a route', () => {
  test.each([
    ['medium+', ['medium', 'high', 'critical']],
    ['unknown+', ['unknown', 'informational', 'low', 'medium', 'high', 'critical']],
    ['high', ['high']],
    ['[low, unknown]', ['low', 'unknown']],
  ])('severity %s', (written, expected) => {
    const route = `routes:\n  - { to: [siem], where: { severity: ${written} } }\n`;
    expect(load(smallest + route).config.routes[0]?.where.severity).toEqual(expected);
  });

  test('a word stands for a list of one', () => {
    const route = 'routes:\n  - { to: [siem], where: { deviceGroup: "EMEA*", status: [new, inProgress] } }\n';
    expect(load(smallest + route).config.routes).toEqual([
      { to: ['siem'], where: { deviceGroup: ['EMEA*'], status: ['new', 'inProgress'] } },
    ]);
  });
});

describe('the file that is loaded', () => {
  test('is the one named, else the first of the usual ones that exists', () => {
    expect(findConfig('mine.yaml', () => false)).toBe('mine.yaml');
    expect(findConfig(undefined, () => true)).toBe('./defender-siem.yaml');
    expect(findConfig(undefined, (path) => path.startsWith('/etc'))).toBe('/etc/defender-siem/config.yaml');
  });

  test('is named as missing when there is none', () => {
    expect(() => findConfig(undefined, () => false)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('--config') }),
    );
  });

  test('is told to be missing, or to be a folder', () => {
    const folder = folderWith({});
    mkdirSync(join(folder, 'dir'));
    const failure = (message: string) => expect.objectContaining({ code: 'CONFIG_INVALID', message });
    const gone = join(folder, 'none.yaml');
    expect(() => loadConfig(gone, parts, {})).toThrow(
      failure(`Cannot read the configuration: the file ${gone} does not exist`),
    );
    expect(() => loadConfig(join(folder, 'dir'), parts, {})).toThrow(
      failure(expect.stringContaining('cannot be read') as unknown as string),
    );
  });

  test('is told to be closed to this user', () => {
    const refused = Object.assign(new Error('EACCES'), { code: 'EACCES' });
    expect(unreadable('/etc/secret', refused)).toBe(
      'the file /etc/secret may not be read by this user: look at its owner and mode',
    );
  });
});
