import { expect, test } from 'vitest';
import { connectionFailure, describeConnectionError } from '../../src/http/connection-error.ts';
import { redactUrl } from '../../src/http/redact-url.ts';

function coded(code: string): Error {
  return Object.assign(new Error('native words'), { code });
}

test.each([
  ['ECONNREFUSED', 'refused', 'refused'],
  ['ECONNRESET', 'reset', 'reset'],
  ['ETIMEDOUT', 'timeout', 'timed out'],
  ['ENOTFOUND', 'name-not-found', 'does not exist in DNS'],
  ['EAI_AGAIN', 'unreachable', 'DNS did not answer'],
  ['EHOSTUNREACH', 'unreachable', 'no route'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate', '`tls.ca`'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate', '`tls.ca`'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate', '`tls.ca`'],
  ['CERT_HAS_EXPIRED', 'certificate', 'expired'],
  ['CERT_NOT_YET_VALID', 'certificate', 'not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', '`tls.serverName`'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls', '`tls.cert`'],
  ['ERR_SSL_SOMETHING_NEW', 'tls', 'TLS failed'],
  ['HPE_INVALID_HEADER_TOKEN', 'other', 'not HTTP'],
  ['EWHATEVER', 'other', 'failed'],
] as const)('%s in plain words', (code, failure, words) => {
  const wrapped = new Error('outer', { cause: coded(code) });
  for (const error of [coded(code), wrapped, new AggregateError([coded(code)])]) {
    expect(connectionFailure(error)).toBe(failure);
    const described = describeConnectionError(error, 'https://siem.test:8088/x?token=hidden');
    expect(described).toContain(words);
    expect(described).toContain(`(${code})`);
    expect(described).toContain('https://siem.test:8088/x');
    expect(described).not.toContain('hidden');
  }
});

test('what is no error at all still gets a line', () => {
  expect(describeConnectionError('odd', 'https://siem.test/')).toBe(
    'https://siem.test/: the exchange failed',
  );
});

test.each([
  ['user and password go', 'https://u:hidden@h.test/p', 'https://h.test/p'],
  [
    'credentials in the query go',
    'https://h.test/p?a=1&SIG=hidden&b=2',
    'https://h.test/p?a=1&SIG=[secret]&b=2',
  ],
  ['encoded names are seen through', 'https://h.test/?%73ig=hidden', 'https://h.test/?%73ig=[secret]'],
  ['a filter stays', "https://h.test/?$filter=a%20eq%20'b'", 'https://h.test/?$filter=a%20eq%20%27b%27'],
  ['a broken escape does not throw', 'https://h.test/?%zz=1', 'https://h.test/?%zz=1'],
  ['no URL is not repeated', 'hidden', '[no URL]'],
])('redacting a URL: %s', (_rule, url, shown) => expect(redactUrl(url)).toBe(shown));
