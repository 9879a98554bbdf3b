import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/errors.ts';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { createGraphDirectory } from '../../src/provision/graph-directory.ts';
import { knownGraphErrors } from '../../src/provision/graph-errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type ScriptedAnswer, scriptedHttp } from '../support/scripted-http.ts';

const token = 'eyJ.the.token';

function directoryThat(answer: (count: number) => ScriptedAnswer) {
  let count = 0;
  const http = scriptedHttp(() => answer(++count));
  const clock = new FakeClock();
  const origin = 'https://graph.microsoft.com';
  const directory = createGraphDirectory({ http, origin, token: async () => token, clock });
  return { directory, http, clock };
}

function refusal(
  status: number,
  code: string,
  message = '',
  details: readonly string[] = [],
): ScriptedAnswer {
  const innerError = { 'request-id': '7fd4af1f', date: '2026-09-01T15:15:04' };
  return {
    status,
    body: { error: { code, message, details: details.map((each) => ({ code: each })), innerError } },
  };
}

async function messageOf(answer: ScriptedAnswer): Promise<ConnectorError> {
  const { directory } = directoryThat(() => answer);
  const failure = await directory
    .updateApplication('id', { displayName: 'x' })
    .catch((error: unknown) => error);
  if (failure instanceof ConnectorError) return failure;
  throw new Error('it did not fail as it should');
}

const cases: readonly (readonly [ScriptedAnswer, ConnectorError['code'], RegExp])[] = [
  [refusal(400, 'CredentialTypeNotAllowedAsPerAppPolicy'), 'API_FAILED', /forbids this kind.*--credential/],
  [refusal(400, 'CredentialInvalidLifetimeAsPerAppPolicy'), 'API_FAILED', /fewer `--days`/],
  [refusal(400, 'KeyCredentialsInvalidEndDate'), 'API_FAILED', /--repair.*clock/],
  [refusal(400, 'SignInAudienceNotAllowedAsPerAppPolicy'), 'API_FAILED', /--multi-tenant/],
  [refusal(400, 'InvalidUniqueTenantIdentifierAsPerAppPolicy'), 'API_FAILED', /policy make an exception/],
  [refusal(403, 'Directory_QuotaExceeded'), 'API_FAILED', /delete applications that nobody uses/],
  [
    refusal(403, 'Authorization_IdentityNotFound'),
    'PERMISSION_MISSING',
    /no service principal in this tenant/,
  ],
  [refusal(403, 'Authorization_IdentityDisabled'), 'PERMISSION_MISSING', /have it enabled/],
  [refusal(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant'), 'PERMISSION_MISSING', /B2C/],
  [
    refusal(403, 'Authorization_RequestDenied', 'Guests are not allowed'),
    'PERMISSION_MISSING',
    /member of this tenant/,
  ],
  [
    refusal(403, 'Forbidden', 'no app consent policy allows'),
    'PERMISSION_MISSING',
    /Privileged Role Administrator/,
  ],
  [refusal(401, 'TokenIssuedBeforeRevocationTimestamp'), 'PERMISSION_MISSING', /revoked.*sign in again/],
  [
    refusal(401, 'InvalidAuthenticationToken', 'Lifetime validation failed, the token is expired.'),
    'PERMISSION_MISSING',
    /expired: sign in again/,
  ],
  [refusal(401, 'InvalidAuthenticationToken', 'Invalid audience'), 'PERMISSION_MISSING', /another cloud/],
  [
    refusal(401, 'InvalidAuthenticationToken', 'Access token is empty.'),
    'PERMISSION_MISSING',
    /account of this tenant/,
  ],
  [
    refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges'),
    'PERMISSION_MISSING',
    /may not do this; it takes .*Application Administrator/,
  ],
  [
    refusal(400, 'Request_BadRequest', 'x', ['NoBackingApplicationObject']),
    'API_FAILED',
    /not licensed or not set up/,
  ],
  [refusal(404, 'OrganizationFromTenantGuidNotFound'), 'API_FAILED', /`tenants\[\]\.id`/],
  [refusal(404, 'Request_ResourceNotFound'), 'API_FAILED', /a minute later still/],
  [
    refusal(409, 'Request_MultipleObjectsWithSameKeyValue'),
    'API_FAILED',
    /remove the one that is not wanted/,
  ],
  [refusal(409, 'Directory_ConcurrencyViolation'), 'API_FAILED', /something else changes the application/],
  [
    refusal(400, 'Request_BadRequest', 'maximum number of federated identity credentials'),
    'API_FAILED',
    /at most 20/,
  ],
  [refusal(429, 'TooManyRequests'), 'API_UNREACHABLE', /throttles/],
  [refusal(503, 'ServiceUnavailable'), 'API_UNREACHABLE', /not available at the moment/],
  [refusal(504, 'GatewayTimeout'), 'API_UNREACHABLE', /did not answer in time/],
  [refusal(500, 'InternalServerError'), 'API_UNREACHABLE', /request id/],
  [refusal(400, 'Request_UnsupportedQuery'), 'API_FAILED', /endpoints\.graph/],
  [
    refusal(400, 'Request_BadRequest', 'Property x is invalid.'),
    'API_FAILED',
    /own words.*Property x is invalid/,
  ],
  [{ status: 407, body: '' }, 'API_FAILED', /proxy URL/],
  [{ status: 403, body: '<html>' }, 'PERMISSION_MISSING', /text|may not do this/],
];

describe('a refusal of the directory', () => {
  test.each(cases)('%j names the remedy', async (answer, code, words) => {
    const failure = await messageOf(answer);
    expect([failure.code, failure.message]).toEqual([code, expect.stringMatching(words)]);
    expect(failure.message).toMatch(/^cannot change the app registration: /);
    expect(failure.message).not.toContain(token);
  });

  test('has a sentence of its own for more than twenty kinds', () => {
    expect(knownGraphErrors).toBeGreaterThan(20);
  });

  test('says the codes of the details and the request id, for a search and for Microsoft', async () => {
    const failure = await messageOf(refusal(400, 'Request_BadRequest', 'no', ['InvalidValue']));
    expect(failure.message).toMatch(/Request_BadRequest: no \(request id 7fd4af1f\) \[InvalidValue\]$/);
  });

  test('that is no answer at all names the host and the cause', async () => {
    const { directory } = directoryThat(
      () => new ConnectionError('refused', 'https://graph.microsoft.com: refused'),
    );
    await expect(directory.taggedApplications('defender-siem')).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: 'cannot find the app registration: https://graph.microsoft.com: refused',
    });
  });
});

describe('what may pass is waited for', () => {
  test('as long as Graph asks', async () => {
    const { directory, clock } = directoryThat((count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '17' }, body: {} } : { status: 204, body: '' },
    );
    await directory.updateApplication('id', {});
    expect(clock.sleeps).toEqual([17_000]);
  });

  test('about a minute for an object that is not known yet', async () => {
    const { directory, clock } = directoryThat(() => refusal(404, 'Request_ResourceNotFound'));
    await expect(directory.updateApplication('id', {})).rejects.toThrow('cannot change the app registration');
    const waitedMs = clock.sleeps.reduce((sum, ms) => sum + ms, 0);
    expect(waitedMs).toBeGreaterThanOrEqual(60_000);
    expect(waitedMs).toBeLessThan(75_000);
  });

  test('with a token that was renewed meanwhile', async () => {
    let tokens = 0;
    const http = scriptedHttp(({ headers }) =>
      headers?.Authorization === 'Bearer token-1'
        ? refusal(401, 'InvalidAuthenticationToken')
        : { status: 204, body: '' },
    );
    const directory = createGraphDirectory({
      http,
      origin: 'https://graph.microsoft.com',
      token: async () => `token-${Math.min(++tokens, 2)}`,
      clock: new FakeClock(),
    });
    await directory.updateApplication('id', {});
    expect(http.sent).toHaveLength(2);
  });
});

test('a next link to another host gets no token', async () => {
  const { directory, http } = directoryThat(() => ({
    body: { value: [], '@odata.nextLink': 'https://elsewhere.example/v1.0/applications' },
  }));
  await expect(directory.taggedApplications('x')).rejects.toThrow('no token is sent there');
  expect(http.sent).toHaveLength(1);
});
