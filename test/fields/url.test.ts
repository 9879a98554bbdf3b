import { describe, expect, test } from 'vitest';
import { httpsOrigin, proxyUrl } from '../../src/fields/url.ts';

describe('an HTTPS origin', () => {
  test.each([
    ['https://graph.microsoft.com', 'https://graph.microsoft.com'],
    ['https://graph.microsoft.com/', 'https://graph.microsoft.com'],
    ['https://127.0.0.1:8443', 'https://127.0.0.1:8443'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
    ['https://GRAPH.test:443', 'https://graph.test'],
  ])('%s', (text, origin) => expect(httpsOrigin.parse(text)).toBe(origin));

  test.each([
    'http://graph.test',
    'https://graph.test/v1.0',
    'https://graph.test?x',
    'https://graph.test/?',
    'https://graph.test/#',
    'https://user@graph.test',
    'https://:word@graph.test',
    'graph.test',
    'https://',
    '',
  ])('%j is none', (text) => expect(httpsOrigin.safeParse(text).success).toBe(false));
});

describe('a proxy', () => {
  test.each(['http://proxy:3128', 'https://proxy.test', 'http://user:word@proxy:3128/'])('%s', (text) =>
    expect(proxyUrl.parse(text)).toBe(text),
  );

  test.each(['proxy:3128', 'socks5://proxy', 'http://proxy/path', 'http://'])('%j is none', (text) => {
    const result = proxyUrl.safeParse(text);
    expect(result.error?.issues[0]?.message).toBe('must be the URL of a proxy, such as http://proxy:3128');
  });
});
