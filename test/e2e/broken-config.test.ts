import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { testFolder } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';

const secret = 'never-to-be-shown-7Q8';

/** A configuration of the real parts without a problem, for `check` alone: nothing is there to connect to. */
const good = `store:
  path: ./state.db
  retention: 7d
tenants:
  - name: contoso
    id: 00000000-0000-0000-0000-000000000000
    cloud: commercial
    auth:
      clientId: 11111111-1111-1111-1111-111111111111
      clientSecret: ${secret}
sources:
  - name: alerts
    type: graph-alerts
    tenant: contoso
    every: 30s
    overlap: 15m
sinks:
  - name: near
    type: syslog
    host: siem.example
    port: 6514
    transport: tls
    format: leef
  - name: far
    type: splunk-hec
    url: https://splunk.example:8088
    token: ${secret}
routes:
  - from: [alerts]
    to: [near, far]
`;

const broken: readonly (readonly [name: string, from: string, to: string, problems: readonly RegExp[]])[] = [
  ['an unknown key', 'store:\n', 'stroe:\n', [/stroe: .*did you mean `store`\? \(line 1\)/]],
  [
    'an unknown key of a source',
    'overlap:',
    'overlapp:',
    [/sources\[0\]\.overlapp: .*`overlap`.*\(line 16\)/],
  ],
  ['text for a number', 'port: 6514', 'port: no', [/sinks\[0\]\.port: must be a number.*\(line 21\)/]],
  ['a number for text', 'host: siem.example', 'host: 7', [/sinks\[0\]\.host: must be text.*\(line 20\)/]],
  [
    'a missing secret file',
    `clientSecret: ${secret}`,
    // biome's template rule does not apply: this is the configuration's own syntax.
    ['clientSecret: $', '{file:/no/such/secret}'].join(''),
    [/tenants\[0\]\.auth\.clientSecret: .*\/no\/such\/secret.*\(line 10\)/],
  ],
  [
    'an unset variable',
    `token: ${secret}`,
    ['token: $', '{env:NO_SUCH_VARIABLE}'].join(''),
    [/sinks\[1\]\.token: .*NO_SUCH_VARIABLE.*\(line 27\)/],
  ],
  ['a repeated name', '- name: far', '- name: near', [/sinks\[1\]\.name: is taken.*\(line 24\)/]],
  [
    'a route to no sink',
    'to: [near, far]',
    'to: [near, fra]',
    [/routes\[0\]\.to\[1\]: .*`far`.*\(line 30\)/],
  ],
  ['a route from no source', '[alerts]', '[alarms]', [/routes\[0\]\.from\[0\]: .*\(line 29\)/]],
  ['a source of no tenant', 'tenant: contoso', 'tenant: fabrikam', [/sources\[0\]\.tenant: .*\(line 14\)/]],
  ['a bad schedule', 'every: 30s', 'cron: "61 * * * *"', [/sources\[0\]\.cron: .*\(line 15\)/]],
  ['a bad duration', 'retention: 7d', 'retention: a week', [/store\.retention: .*duration.*\(line 3\)/]],
  ['a bad size', 'retention: 7d', 'maxBytes: 10 gigs', [/store\.maxBytes: .*\(line 3\)/]],
  ['a store too small', 'retention: 7d', 'maxBytes: 1MiB', [/store\.maxBytes: must be at least 64MiB/]],
  ['an unknown cloud', 'cloud: commercial', 'cloud: comercial', [/cloud: .*`commercial`.*\(line 7\)/]],
  ['a tenant id that is none', '00000000-0000-0000-0000-000000000000', 'contoso', [/\.id: .*\(line 6\)/]],
  ['an unknown type of sink', 'type: syslog', 'type: sislog', [/sinks\[0\]\.type: .*`syslog`.*\(line 19\)/]],
  ['an unknown type of source', 'graph-alerts', 'graph-alarms', [/sources\[0\]\.type: .*\(line 13\)/]],
  ['an unknown format', 'format: leef', 'format: leaf', [/sinks\[0\]\.format: .*`leef`.*\(line 23\)/]],
  [
    'TLS files on a sink without TLS',
    'transport: tls',
    'transport: tcp\n    tls: {}',
    [/sinks\[0\]\.tls: .*\(line 23\)/],
  ],
  [
    'two credentials',
    '      clientId:',
    '      managedIdentity: {}\n      clientId:',
    [/auth.*one credential.*\(line \d+\)/],
  ],
  [
    'no credential',
    `      clientSecret: ${secret}\n`,
    '',
    [/tenants\[0\]\.auth: .*no credential.*\(line \d+\)/],
  ],
  ['a URL that is none', 'https://splunk.example:8088', 'splunk.example', [/sinks\[1\]\.url: .*\(line 26\)/]],
  ['a port out of range', 'port: 6514', 'port: 70000', [/sinks\[0\]\.port: .*65535.*\(line 21\)/]],
  ['a list without an end', 'to: [near, far]', 'to: [near, far', [/\(file\): .*\(line \d+\)/]],
  ['a tab', '    host:', '\thost:', [/\(file\): .*tab.*\(line 20\)/]],
  ['nothing', good, '', [/\(file\): is empty.*\(line 1\)/]],
  [
    'several at once',
    'port: 6514\n    transport: tls\n    format: leef',
    'prot: 6514\n    transport: tsl\n    format: lef',
    [
      /sinks\[0\]\.prot: .*\(line 21\)/,
      /sinks\[0\]\.transport: .*\(line 22\)/,
      /sinks\[0\]\.format: .*\(line 23\)/,
    ],
  ],
];

async function check(text: string) {
  const path = join(testFolder(), 'defender-siem.yaml');
  writeFileSync(path, text);
  return { path, ...(await runInProcess(['check', '--config', path])) };
}

test('the configuration that the table breaks has no problem', async () => {
  expect(await check(good)).toMatchObject({ code: 0, stderr: '' });
});

test.each(broken)('%s: exit code 2, path and line, and no secret', async (_name, from, to, problems) => {
  expect(good).toContain(from);
  const { path, code, stdout, stderr } = await check(good.replace(from, () => to));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(path);
  for (const problem of problems) expect(stderr).toMatch(problem);
  expect(stderr).not.toContain(secret);
});

test('no configuration at all: exit code 2, and where it was looked for', async () => {
  const { code, stderr } = await runCli(['check'], { cwd: testFolder() });
  expect(code).toBe(2);
  expect(stderr).toContain('./defender-siem.yaml');
});

test('every command that needs a configuration refuses a broken one in the same words', async () => {
  const path = join(testFolder(), 'defender-siem.yaml');
  writeFileSync(path, good.replace('port: 6514', 'port: no'));
  const commands = ['run', 'once', 'check', 'status'];
  const ended = await Promise.all(commands.map((command) => runCli([command, '--config', path])));
  const [{ stderr = '' } = {}] = ended;
  expect(stderr).toContain('sinks[0].port');
  for (const each of ended) expect(each).toEqual({ code: 2, stdout: '', stderr });
});
