import { expect, test } from 'vitest';
import { isLoopback, namesThisHost } from '../../src/admin/host-check.ts';

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.127.0.1', false],
])('%s is reached by this host alone: %s', (address, expected) => expect(isLoopback(address)).toBe(expected));

test.each([
  ['127.0.0.1:9464', true],
  ['127.0.0.1', true],
  ['[::1]:9464', true],
  ['10.0.0.1:9464', true],
  ['localhost:9464', true],
  ['LocalHost', true],
  ['siem.localhost:9464', true],
  [undefined, true],
  ['', false],
  ['evil.example:9464', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:9464', false],
  ['notlocalhost', false],
])('Host: %s names this host: %s', (header, expected) => expect(namesThisHost(header)).toBe(expected));
