import { describe, expect, test } from 'vitest';
import { broken, problemsOf } from './good-config.ts';

describe('what is wrong with a reference', () => {
  test.each([
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
  ])('%s', (_name, from, to, problem) => {
    expect(problemsOf(broken(from, to))[0]).toEqual(problem);
  });
});
