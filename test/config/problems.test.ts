import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith } from './config-folder.ts';
import { broken, good, problemsOf } from './good-config.ts';
import { parts } from './parts.ts';

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
      'tenants[0].auth: has no credential: give one of clientSecret, certificate, managedIdentity, workloadIdentity, user (line 8)',
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
        message: `${path} has 2 problems:\n  store.retention: must be text such as 30s, not a number (line 3)\n  sinks[0].port: must be at least 1 (line 24)`,
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
