import { describe, expect, test } from 'vitest';
import { broken, problemsOf } from './good-config.ts';

describe('what is wrong with a sink', () => {
  test.each([
    [
      'an unknown option of a sink type',
      '    url: https://siem.test/collector',
      '    url: https://siem.test/\n    port: 1',
      'sinks[1].port: unknown key: known here are url, token, acknowledge, headers, auth, name, batch, retry, type, format, leef (line 28)',
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
      'a URL that is none',
      'url: https://siem.test/collector',
      'url: siem.test',
      'sinks[1].url: must be a URL, such as https://host:port (line 27)',
    ],
    [
      'a wrong key within one of several shapes, told of the shape that was meant',
      '    token: another-secret',
      '    auth:\n      basic:\n        username: me\n        pasword: x',
      'sinks[1].auth.basic.password: is missing (line 29)',
    ],
    [
      'a shape that is none of several',
      '    token: another-secret',
      '    auth: 5',
      'sinks[1].auth: must be none, or a group of keys (line 28)',
    ],
    [
      'a word that is none of several shapes',
      '    token: another-secret',
      '    auth: nonne',
      'sinks[1].auth: must be none, or a group of keys: did you mean `none`? (line 28)',
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
  ])('%s', (_name, from, to, problem) => {
    expect(problemsOf(broken(from, to))[0]).toEqual(problem);
  });
});
