import { describe, expect, test } from 'vitest';
import { parseListenAddress } from '../../src/fields/listen-address.ts';

describe('an address to listen on', () => {
  test.each([
    ['127.0.0.1:9464', '127.0.0.1', 9464],
    ['localhost:0', 'localhost', 0],
    ['[::1]:9464', '::1', 9464],
    ['[::]:65535', '::', 65_535],
    [' 0.0.0.0:80 ', '0.0.0.0', 80],
  ])('%s', (text, host, port) => expect(parseListenAddress(text)).toEqual({ host, port }));

  test.each([
    '',
    '9464',
    ':9464',
    'localhost',
    'localhost:',
    '::1:9464',
    'host:65536',
    'host:-1',
    'a b:1',
    'h:1x',
  ])('%j is none', (text) => expect(parseListenAddress(text)).toBeUndefined());
});
