import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems, problemText } from '../../src/config/problems.ts';
import { folderWith } from './config-folder.ts';
import { parts } from './parts.ts';

/** A small configuration without a problem; the tables below break it a line at a time. */
const good = `store:
  path: state.db
  retention: 7d
tenants:
  - name: contoso
    id: 00000000-0000-0000-0000-000000000000
    cloud: commercial
    auth:
      clientId: 11111111-1111-1111-1111-111111111111
      clientSecret: a-well-kept-secret
    endpoints:
      graph: https://graph.test:8443
sources:
  - name: alerts
    type: graph-alerts
    tenant: contoso
    every: 30s
    overlap: 15m
    settle: 5s
sinks:
  - name: near
    type: socket
    host: siem.test
    port: 6514
  - name: far
    type: web
    url: https://siem.test/collector
    token: another-secret
routes:
  - from: [alerts]
    to: [near, far]
admin:
  listen: 127.0.0.1:9464
`;

function problemsOf(text: string, env: Record<string, string> = {}): readonly string[] {
  const folder = folderWith({ 'config.yaml': text, 'ca.pem': 'a root', 'empty.txt': '' });
  try {
    loadConfig(join(folder, 'config.yaml'), parts, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map((problem) => problemText(problem).replaceAll(folder, 'FOLDER'));
  }
}

function broken(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, () => to);
}

test('the configuration that the tables break has no problem', () => {
  expect(problemsOf(good)).toEqual([]);
});

describe('one problem is told with its path and line', () => {
  test.each([
    [
      'an unknown key, the nearest suggested',
      '    overlap: 15m',
      '    overlpa: 15m',
      'sources[0].overlpa: unknown key: did you mean `overlap`? (line 18)',
    ],
    [
      'an unknown key that is near to none',
      '  retention: 7d',
      '  colour: red',
      'store.colour: unknown key: known here are path, postgres, retention, maxBytes (line 3)',
    ],
    [
      'an unknown key at the top',
      'admin:\n',
      'adimn:\n',
      'adimn: unknown key: did you mean `admin`? (line 32)',
    ],
    [
      'an unknown option of a sink type',
      '    url: https://siem.test/collector',
      '    url: https://siem.test/\n    port: 1',
      'sinks[1].port: unknown key: known here are url, token, acknowledge, headers, name, batch, retry, type, format, leef (line 28)',
    ],
    [
      'text where a number belongs',
      'port: 6514',
      'port: "6514x"',
      'sinks[0].port: must be a number, not text (line 24)',
    ],
    [
      'a number where text belongs',
      'host: siem.test',
      'host: 5',
      'sinks[0].host: must be text, not a number (line 23)',
    ],
    [
      'a list where text belongs',
      'host: siem.test',
      'host: [siem.test]',
      'sinks[0].host: must be text, not a list (line 23)',
    ],
    [
      'text where a list belongs',
      'to: [near, far]',
      'to: near',
      'routes[0].to: must be a list, not text (line 31)',
    ],
    [
      'text where keys belong',
      'admin:\n  listen: 127.0.0.1:9464',
      'admin: 127.0.0.1:9464',
      'admin: must be a group of keys, not text (line 32)',
    ],
    ['a key without a value', 'host: siem.test', 'host:', 'sinks[0].host: must be text, not empty (line 23)'],
    [
      'a missing key, at the line of what lacks it',
      '    host: siem.test\n',
      '',
      'sinks[0].host: is missing (line 21)',
    ],
    [
      'a missing type of sink',
      '    type: socket\n',
      '',
      'sinks[0].type: is missing: one of socket, web, disk (line 21)',
    ],
    [
      'an unknown type of sink',
      'type: socket',
      'type: sokcet',
      'sinks[0].type: must be one of socket, web, disk: did you mean `socket`? (line 22)',
    ],
    [
      'an unknown type of source',
      'type: graph-alerts',
      'type: graph-incidents',
      'sources[0].type: must be one of graph-alerts, detections (line 15)',
    ],
    [
      'an unknown format',
      '    host: siem.test',
      '    host: siem.test\n    format: cfe',
      'sinks[0].format: must be one of json, cef, leef: did you mean `cef`? (line 24)',
    ],
    [
      'a bad option of a format',
      '    host: siem.test',
      '    host: siem.test\n    leef: { version: "3.0" }',
      'sinks[0].leef.version: must be one of 1.0, 2.0: did you mean `1.0`? (line 24)',
    ],
    [
      'options of a format that the sink does not write',
      '    host: siem.test',
      '    host: siem.test\n    format: cef\n    leef: { version: "1.0" }',
      'sinks[0].leef: has no effect: the format of this sink is cef, not leef (line 25)',
    ],
    [
      'a missing file of a secret',
      'clientSecret: a-well-kept-secret',
      'clientSecret: ${file:gone.txt}',
      'tenants[0].auth.clientSecret: the file FOLDER/gone.txt does not exist (line 10)',
    ],
    [
      'an empty file of a secret',
      'clientSecret: a-well-kept-secret',
      'clientSecret: ${file:empty.txt}',
      'tenants[0].auth.clientSecret: is empty (line 10)',
    ],
    [
      'a folder for a secret',
      'clientSecret: a-well-kept-secret',
      'clientSecret: ${file:.}',
      'tenants[0].auth.clientSecret: the file FOLDER cannot be read: FOLDER is not a regular file (line 10)',
    ],
    [
      'a device that would never end',
      'clientSecret: a-well-kept-secret',
      'clientSecret: ${file:/dev/zero}',
      'tenants[0].auth.clientSecret: the file /dev/zero cannot be read: /dev/zero is not a regular file (line 10)',
    ],
    [
      'a missing environment variable',
      'token: another-secret',
      'token: ${env:TOKEN}',
      'sinks[1].token: the environment variable TOKEN is not set: set it, or write ${env:TOKEN:-default} (line 28)',
    ],
    [
      'a variable that every object inherits',
      'host: siem.test',
      'host: ${env:constructor}',
      'sinks[0].host: the environment variable constructor is not set: set it, or write ${env:constructor:-default} (line 23)',
    ],
    [
      'a reference of an unknown kind',
      'host: siem.test',
      'host: ${vault:siem}',
      'sinks[0].host: has `${` that begins neither `${env:NAME}` nor `${file:PATH}`: write `$${` for a plain `${` (line 23)',
    ],
    [
      'a reference that does not end',
      'host: siem.test',
      'host: "${env:HOST"',
      'sinks[0].host: has `${` that begins neither `${env:NAME}` nor `${file:PATH}`: write `$${` for a plain `${` (line 23)',
    ],
    [
      'a missing certificate',
      'host: siem.test',
      'host: siem.test\n    tls: { ca: none.pem }',
      'sinks[0].tls.ca: the file FOLDER/none.pem does not exist (line 24)',
    ],
    [
      'a client certificate without its key',
      'host: siem.test',
      'host: siem.test\n    tls:\n      cert: ca.pem',
      'sinks[0].tls.cert: needs the private key beside it, as `key` (line 25)',
    ],
    [
      'a key without its client certificate',
      'host: siem.test',
      'host: siem.test\n    tls:\n      key: ca.pem',
      'sinks[0].tls.key: needs the certificate beside it, as `cert` (line 25)',
    ],
    [
      'two sinks of one name',
      '- name: far',
      '- name: near',
      'sinks[1].name: is taken by sinks[0]: names are unique (line 25)',
    ],
    [
      'a name with a space',
      '- name: far',
      '- name: far away',
      'sinks[1].name: must be 1 to 63 letters, digits, dots, hyphens or underscores, and begin with a letter or digit (line 25)',
    ],
    [
      'a route to an unknown sink',
      'to: [near, far]',
      'to:\n      - near\n      - fra',
      'routes[0].to[1]: names no sink of this file: did you mean `far`? (line 33)',
    ],
    [
      'a route from an unknown source',
      'from: [alerts]',
      'from: [incidents]',
      'routes[0].from[0]: names no source of this file: there is alerts (line 30)',
    ],
    [
      'a route without a condition of its own kind',
      'to: [near, far]',
      'to: [near, far]\n    where: { severity: medum+ }',
      'routes[0].where.severity: must be one of unknown, informational, low, medium, high, critical, unknown+, informational+, low+, medium+, high+, critical+: did you mean `medium+`? (line 32)',
    ],
    [
      'an unknown severity in a list',
      'to: [near, far]',
      'to: [near, far]\n    where:\n      severity:\n        - high\n        - hgih',
      'routes[0].where.severity[1]: must be one of unknown, informational, low, medium, high, critical: did you mean `high`? (line 35)',
    ],
    [
      'a source of an unknown tenant',
      'tenant: contoso',
      'tenant: contosso',
      'sources[0].tenant: names no tenant of this file: did you mean `contoso`? (line 16)',
    ],
    [
      'a bad cron expression',
      'every: 30s',
      'cron: "61 * * * *"',
      expect.stringMatching(
        /^sources\[0\]\.cron: is not a schedule .*such as \*\/30 \* \* \* \* \* \(line 17\)$/,
      ),
    ],
    [
      'a schedule beside a pace',
      'every: 30s',
      'every: 30s\n    cron: "*/5 * * * *"',
      'sources[0].cron: stands beside `every`: keep one of them (line 18)',
    ],
    [
      'a pace that would spend every quota',
      'every: 30s',
      'every: 100ms',
      'sources[0].every: must be at least 1s (line 17)',
    ],
    [
      'a bad duration',
      'every: 30s',
      'every: 30 seconds',
      "sources[0].every: '30 seconds' is not a duration: write a number and ms, s, m, h or d, such as 30s (line 17)",
    ],
    [
      'a duration without a unit',
      'every: 30s',
      'every: 30',
      'sources[0].every: must be text, not a number (line 17)',
    ],
    [
      'a settle time as long as the overlap',
      'settle: 5s',
      'settle: 15m',
      'sources[0].settle: must be shorter than `overlap`, or every read would be empty (line 19)',
    ],
    [
      'a page larger than the type takes',
      'every: 30s',
      'pageSize: 5000',
      'sources[0].pageSize: must be at most 1000 (line 17)',
    ],
    [
      'a bad size',
      '  retention: 7d',
      '  maxBytes: 10 gigs',
      "store.maxBytes: '10 gigs' is not a size: write bytes, or a number and KiB, MiB or GiB, such as 1MiB (line 3)",
    ],
    [
      'a truth value for a size',
      '  retention: 7d',
      '  maxBytes: true',
      'store.maxBytes: must be a number or text, not true or false (line 3)',
    ],
    [
      'PostgreSQL, which is yet to come',
      '  path: state.db',
      '  postgres: postgres://somewhere',
      'store.postgres: not available in this version; use store.path (line 2)',
    ],
    [
      'two credentials',
      '      clientSecret: a-well-kept-secret',
      '      clientSecret: a-well-kept-secret\n      managedIdentity: {}',
      'tenants[0].auth.managedIdentity: stands beside `clientSecret`: a tenant has exactly one credential (line 11)',
    ],
    [
      'no credential',
      '      clientSecret: a-well-kept-secret\n',
      '',
      'tenants[0].auth: has no credential: give one of clientSecret, certificate, managedIdentity, workloadIdentity (line 8)',
    ],
    [
      'a credential without its client id',
      '      clientId: 11111111-1111-1111-1111-111111111111\n',
      '',
      'tenants[0].auth.clientId: is missing: clientSecret needs it (line 8)',
    ],
    [
      'a client id beside a managed identity',
      '      clientSecret: a-well-kept-secret',
      '      managedIdentity: {}',
      'tenants[0].auth.clientId: goes under `managedIdentity` there, and only for a user-assigned identity (line 9)',
    ],
    [
      'a client id that is no GUID',
      'clientId: 11111111-1111-1111-1111-111111111111',
      'clientId: my-app',
      'tenants[0].auth.clientId: must be a GUID, such as 11111111-1111-1111-1111-111111111111 (line 9)',
    ],
    [
      'a tenant id that is neither GUID nor domain',
      'id: 00000000-0000-0000-0000-000000000000',
      'id: contoso',
      'tenants[0].id: must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com (line 6)',
    ],
    [
      'an unknown cloud',
      'cloud: commercial',
      'cloud: gcc-hihg',
      'tenants[0].cloud: must be one of commercial, gcc, gcc-high, dod: did you mean `gcc-high`? (line 7)',
    ],
    [
      'a region in a cloud without regions',
      'cloud: commercial',
      'cloud: dod\n    region: eu',
      'tenants[0].region: is for the commercial cloud only, and the cloud is dod (line 8)',
    ],
    [
      'an endpoint with a path',
      'graph: https://graph.test:8443',
      'graph: https://graph.test/v1.0',
      'tenants[0].endpoints.graph: must be an origin such as https://host:port: https, without a path, query or credentials (line 12)',
    ],
    [
      'an endpoint without TLS',
      'graph: https://graph.test:8443',
      'graph: http://graph.test',
      'tenants[0].endpoints.graph: must be an origin such as https://host:port: https, without a path, query or credentials (line 12)',
    ],
    [
      'an unknown endpoint',
      'graph: https://graph.test:8443',
      'grahp: https://graph.test',
      'tenants[0].endpoints.grahp: unknown key: did you mean `graph`? (line 12)',
    ],
    [
      'a proxy that is no URL',
      '    cloud: commercial',
      '    proxy: proxy',
      'tenants[0].proxy: must be the URL of a proxy, such as http://proxy:3128 (line 7)',
    ],
    [
      'a URL that is none',
      'url: https://siem.test/collector',
      'url: siem.test',
      'sinks[1].url: must be a URL, such as https://host:port (line 27)',
    ],
    ['a port out of range', 'port: 6514', 'port: 65536', 'sinks[0].port: must be at most 65535 (line 24)'],
    ['a port of zero', 'port: 6514', 'port: 0', 'sinks[0].port: must be at least 1 (line 24)'],
    [
      'a port with a fraction',
      'port: 6514',
      'port: 6514.5',
      'sinks[0].port: must be a whole number (line 24)',
    ],
    [
      'a number that is none of a few',
      'port: 6514',
      'rfc: 5425',
      'sinks[0].rfc: must be one of 5424, 3164 (line 24)',
    ],
    [
      'a value for which the schema has words of its own',
      'port: 6514',
      'facility: local99',
      'sinks[0].facility: must be a facility such as local0 (line 24)',
    ],
    [
      'an address without a port',
      'listen: 127.0.0.1:9464',
      'listen: localhost',
      'admin.listen: must be host:port, such as 127.0.0.1:9464, with a port from 0 to 65535 (line 33)',
    ],
    [
      'an empty list of sinks',
      good.slice(good.indexOf('sinks:'), good.indexOf('admin:')),
      'sinks: []\n',
      'sinks: must have an entry (line 20)',
    ],
    [
      'no source at all',
      good.slice(good.indexOf('sources:'), good.indexOf('sinks:')),
      '',
      expect.stringMatching(/^sources: is missing \(line 1\)$/),
    ],
    [
      'a sink that is text',
      '  - name: far\n    type: web\n    url: https://siem.test/collector\n    token: another-secret\n',
      '  - far\n',
      expect.stringMatching(/^sinks\[1\]: must be a group of keys, not text \(line 25\)$/),
    ],
    [
      'a number for a secret',
      'token: another-secret',
      'token: 12345',
      'sinks[1].token: must be text, not a number: put it in quotes (line 28)',
    ],
    [
      'keys for a secret',
      'token: another-secret',
      'token: { file: hec }',
      'sinks[1].token: must be text, not a group of keys: put it in quotes (line 28)',
    ],
    [
      'a repeated key',
      '    port: 6514',
      '    port: 6514\n    host: other.test',
      'sinks[0].host: stands here a second time (line 25)',
    ],
    ['a repeated section', 'admin:', 'sinks: []\nadmin:', 'sinks: stands here a second time (line 32)'],
    [
      'an indentation by tab',
      '    host: siem.test',
      '\thost: siem.test',
      expect.stringMatching(/^\(file\): is indented with a tab: YAML takes spaces only \(line 23\)$/),
    ],
    [
      'a quote without its end',
      'listen: 127.0.0.1:9464',
      'listen: "127.0.0.1:9464',
      expect.stringMatching(/^\(file\): lacks a closing quote.* \(line 3[34]\)$/),
    ],
    [
      'a list without its end',
      'to: [near, far]',
      'to: [near, far',
      expect.stringMatching(/^\(file\): .* \(line 3[12]\)$/),
    ],
    [
      'a line that is no key',
      '    port: 6514',
      '    port 6514',
      expect.stringMatching(/^\(file\): .* \(line 2[345]\)$/),
    ],
  ])('%s', (_name, from, to, problem) => {
    const problems = problemsOf(broken(from, to));
    expect(problems[0]).toEqual(problem);
  });

  test.each([
    ['an empty file', '', '(file): is empty: give it tenants, sources and sinks (line 1)'],
    ['comments alone', '# nothing yet\n', '(file): is empty: give it tenants, sources and sinks (line 1)'],
    ['a list for the whole', '- a\n- b\n', '(file): must be a group of keys, not a list (line 1)'],
    [
      'two documents',
      `${good}---\n${good}`,
      '(file): begins a second document: a configuration is one (line 34)',
    ],
  ])('%s', (_name, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('aliases of aliases do not fill the memory', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `  a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
    );
    expect(problemsOf(`bomb:\n  a0: &a0 x\n${levels.join('\n')}\n`)).toEqual([
      '(file): uses too many YAML aliases (line 1)',
    ]);
  });
});

describe('all problems are told at once', () => {
  test('in the order of the lines, those of the schema and those between its parts together', () => {
    const text = good
      .replace('retention: 7d', 'retention: always')
      .replace('      clientSecret: a-well-kept-secret\n', '')
      .replace('tenant: contoso', 'tenant: fabrikam')
      .replace('settle: 5s', 'settle: 20m\n    every2: 1s')
      .replace('port: 6514', 'port: many')
      .replace('to: [near, far]', 'to: [nowhere, far]')
      .replace('- name: far', '- name: near');
    expect(problemsOf(text)).toEqual([
      "store.retention: 'always' is not a duration: write a number and ms, s, m, h or d, such as 30s (line 3)",
      'tenants[0].auth: has no credential: give one of clientSecret, certificate, managedIdentity, workloadIdentity (line 8)',
      'sources[0].tenant: names no tenant of this file: there is contoso (line 15)',
      'sources[0].settle: must be shorter than `overlap`, or every read would be empty (line 18)',
      'sources[0].every2: unknown key: did you mean `every`? (line 19)',
      'sinks[0].port: must be a number, not text (line 24)',
      'sinks[1].name: is taken by sinks[0]: names are unique (line 25)',
      'routes[0].to[0]: names no sink of this file: there is near, near (line 31)',
      'routes[0].to[1]: names no sink of this file: there is near, near (line 31)',
    ]);
  });

  test('the message of the failure lists them, after the name of the file', () => {
    const folder = folderWith({ 'c.yaml': good.replace('port: 6514', 'port: 0').replace('7d', '7') });
    const path = join(folder, 'c.yaml');
    expect(() => loadConfig(path, parts, {})).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        exitCode: 2,
        message: `${path} has 2 problems:\n  store.retention: must be text, not a number (line 3)\n  sinks[0].port: must be at least 1 (line 24)`,
      }),
    );
  });

  test('an alias is checked where it is used', () => {
    const text = good
      .replace('settle: 5s', 'settle: &wait 5x')
      .replace('overlap: 15m', 'overlap: 15m')
      .replace('routes:', '    batch: { linger: *wait }\nroutes:');
    expect(problemsOf(text).map((problem) => problem.replace(/:.*\(/, ' ('))).toEqual([
      'sources[0].settle (line 19)',
      'sinks[1].batch.linger (line 29)',
    ]);
  });
});

describe('no message repeats a credential or what the environment holds', () => {
  const secret = 'hunter2-hunter2';

  test.each([
    ['a secret in the wrong shape', 'token: another-secret', `token: [${secret}]`],
    ['a secret under a misspelt key', 'token: another-secret', `tokn: ${secret}`],
    ['a secret in broken YAML', 'token: another-secret', `token: "${secret}`],
    ['a secret in broken YAML, unquoted', 'token: another-secret', `token: @${secret}`],
    ['a secret behind a broken escape', 'token: another-secret', `token: "\\q${secret}"`],
    ['a secret that looks like a reference', 'token: another-secret', `token: \${${secret}}`],
    ['a variable where a duration belongs', 'every: 30s', 'every: ${env:WORD}'],
    ['a variable within a duration', 'every: 30s', 'every: "${env:WORD}s"'],
    ['a variable where a size belongs', 'retention: 7d', 'maxBytes: ${env:WORD}'],
    ['a variable where a choice belongs', 'cloud: commercial', 'cloud: ${env:WORD}'],
    ['a variable where a name belongs', 'tenant: contoso', 'tenant: ${env:WORD}'],
    ['a variable where a number belongs', 'port: 6514', 'port: ${env:WORD}'],
    ['a variable in a path', 'host: siem.test', 'host: siem.test\n    tls: { ca: "${env:WORD}.pem" }'],
    ['a variable in a schedule', 'every: 30s', 'cron: ${env:WORD}'],
    ['a URL with a password', 'url: https://siem.test/collector', `url: http://user:${secret}@siem.test`],
    ['a proxy with a password', '    cloud: commercial', `    proxy: ftp://user:${secret}@proxy`],
    [
      'an endpoint with a password',
      'graph: https://graph.test:8443',
      `graph: https://u:${secret}@graph.test`,
    ],
  ])('%s', (_name, from, to) => {
    const problems = problemsOf(broken(from, to), { WORD: secret });
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain(secret);
  });

  test('a duration from a variable is told by the name of the variable', () => {
    expect(problemsOf(broken('every: 30s', 'every: ${env:PACE:-30s}'), { PACE: 'quick' })).toEqual([
      'sources[0].every: ${env:PACE} is not a duration: write a number and ms, s, m, h or d, such as 30s (line 17)',
    ]);
  });
});
