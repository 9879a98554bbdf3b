import { expect, test } from 'vitest';
import {
  describeAnswer,
  licenceRefusal,
  parseApiError,
  parseMissingPermission,
} from '../../src/http/api-error.ts';

test.each([
  [
    'of a Defender host',
    '{"error":{"code":"ResourceNotFound","message":"Machine 1 was not found","target":"43f4cb08"}}',
    { code: 'ResourceNotFound', message: 'Machine 1 was not found', requestId: '43f4cb08' },
  ],
  [
    'of Graph',
    '{"error":{"code":"Forbidden","message":"no","innerError":{"date":"2026-09-01T15:15:04","request-id":"7fd4af1f"}}}',
    { code: 'Forbidden', message: 'no', requestId: '7fd4af1f' },
  ],
  [
    'with an empty message',
    '{"error":{"code":"UnknownError","message":""}}',
    { code: 'UnknownError', message: '', requestId: 'from-header' },
  ],
  ['that is HTML', '<html>', undefined],
  ['that is another object', '{"value":[]}', undefined],
  ['that is null', 'null', undefined],
])('the error %s', (_case, body, error) => {
  expect(parseApiError({ status: 400, headers: { 'request-id': 'from-header' }, body })).toEqual(error);
});

test.each([
  ['an error', '{"error":{"code":"A","message":"b\\n c","target":"t"}}', 'status 400: A: b c (request id t)'],
  ['HTML', '<html>', 'status 400 with text/html'],
  ['nothing', '', 'status 400 with an empty body'],
])('described: %s', (_case, body, words) => {
  expect(describeAnswer({ status: 400, headers: { 'content-type': 'text/html' }, body }, '')).toBe(words);
});

test('a long message is cut', () => {
  const body = JSON.stringify({ error: { code: 'A', message: '𝄞'.repeat(5000) } });
  const words = describeAnswer({ status: 400, headers: {}, body }, '');
  expect(words.length).toBeLessThan(450);
  expect(words.isWellFormed()).toBe(true);
});

test.each([
  [
    'The application does not have any of the required application permissions (Machine.Read.All, Machine.ReadWrite.All) to access the resource.',
    ['Machine.Read.All', 'Machine.ReadWrite.All'],
    undefined,
  ],
  [
    'Missing application roles. API required roles: Machine.Read.All, application roles: Alert.Read.All.',
    ['Machine.Read.All'],
    ['Alert.Read.All'],
  ],
  [
    'Missing application roles. API required roles: SecurityAlert.Read.All,SecurityIncident.Read.All, application roles: .',
    ['SecurityAlert.Read.All', 'SecurityIncident.Read.All'],
    [],
  ],
  ['Access is denied.', [], undefined],
])('permissions of: %s', (message, required, granted) => {
  expect(parseMissingPermission(message)).toEqual({ required, granted });
});

test.each([
  ['Unauthorized request - reason of failure: Account mode is inactive', 'not set up'],
  ['Unauthorized request - Account is not provisioned.', 'not set up'],
  ['Unauthorized request - reason of failure: No Tvm license', 'no Tvm licence'],
])('a licence refusal: %s', (message, words) => expect(licenceRefusal(message)).toContain(words));

test('an expired token is no licence refusal', () => {
  expect(licenceRefusal('Lifetime validation failed, the token is expired.')).toBeUndefined();
});

test('a token that the answer repeats is not told, however much of it the cut leaves', () => {
  const token = `eyJ0eXAiOiJKV1QifQ.${'eyJhdWQi'.repeat(300)}.c2lnbmF0dXJl`;
  const message = `You sent Authorization: Bearer ${token}`;
  const headers = { 'request-id': token };
  const error = { code: `Bad ${token}`, message, target: token };
  for (const body of [JSON.stringify({ error }), '<html>']) {
    expect(describeAnswer({ status: 400, headers, body }, token)).not.toContain('eyJ');
  }
});
