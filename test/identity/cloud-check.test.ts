import { expect, test, vi } from 'vitest';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { createCloudCheck } from '../../src/identity/cloud-check.ts';
import { resolveEndpoints } from '../../src/identity/clouds.ts';
import { IdentityError } from '../../src/identity/identity-error.ts';
import { refusal } from '../support/fake-entra.ts';
import { type ScriptedAnswer, scriptedHttp } from '../support/scripted-http.ts';

const signal = new AbortController().signal;
const id = '0a0a0a0a-1111-2222-3333-444444444444';
const inGccHigh = {
  body: {
    issuer: `https://login.microsoftonline.us/${id}/v2.0`,
    tenant_region_sub_scope: 'DODCON',
    cloud_instance_name: 'microsoftonline.us',
  },
};
const unknown = refusal(90002, 'invalid_request');

function aCheck(cloud: 'commercial' | 'gcc-high', answers: ScriptedAnswer[]) {
  const warn = vi.fn();
  const http = scriptedHttp(() => answers.shift() ?? unknown);
  const tenant = { name: 'contoso', id };
  const check = createCloudCheck({ tenant, endpoints: resolveEndpoints(cloud), http, log: { warn } });
  return { check, http, warn };
}

function refused(entraCode: number | undefined): IdentityError {
  return new IdentityError('IDENTITY_REFUSED', `AADSTS${entraCode}`, { retryable: false, entraCode });
}

test('a token that came from the wrong cloud is told once, with the value to set', async () => {
  const { check, http, warn } = aCheck('commercial', [inGccHigh]);
  check.confirm(signal);
  check.confirm(signal);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
  expect(warn.mock.calls[0]?.[0]).toEqual({
    tenant: 'contoso',
    cloud: 'commercial',
    reason: 'the tenant lives in the cloud GCC High, but `cloud` says commercial: set `cloud: gcc-high`',
  });
  expect(http.sent).toHaveLength(1);
});

test('a tenant that the authority does not know is refused with the value to set, however often it is asked', async () => {
  const { check, http } = aCheck('commercial', [unknown, inGccHigh]);
  for (let times = 0; times < 3; times++) {
    expect(await check.explain(refused(90002), signal)).toMatchObject({
      code: 'IDENTITY_REFUSED',
      entraCode: 90002,
      message: expect.stringMatching(/^AADSTS90002: .*set `cloud: gcc-high`$/),
    });
  }
  expect(http.sent).toHaveLength(2);
});

test('an authority that names a token endpoint elsewhere gives no code, and is explained all the same', async () => {
  const { check } = aCheck('commercial', [inGccHigh]);
  expect(await check.explain(refused(undefined), signal)).toMatchObject({
    message: expect.stringContaining('set `cloud: gcc-high`'),
  });
});

test('a refusal that no cloud explains, or of a tenant that none knows, stays as it is', async () => {
  const { check, http } = aCheck('commercial', []);
  const [secret, nowhere, network] = [refused(7000215), refused(90002), new Error('of another kind')];
  expect(await check.explain(secret, signal)).toBe(secret);
  expect(await check.explain(network, signal)).toBe(network);
  expect(http.sent).toHaveLength(0);
  expect(await check.explain(nowhere, signal)).toBe(nowhere);
});

test('metadata that could not be had are asked for again, only where they are needed', async () => {
  const { check, http, warn } = aCheck('commercial', [
    new ConnectionError('reset', 'reset'),
    unknown,
    inGccHigh,
  ]);
  const national = refused(90051);
  check.confirm(signal);
  expect(await check.explain(national, signal)).toBe(national);
  check.confirm(signal);
  expect(http.sent).toHaveLength(1);
  expect(await check.explain(national, signal)).toMatchObject({
    advice: expect.stringContaining('gcc-high'),
  });
  expect(http.sent).toHaveLength(3);
  expect(warn).not.toHaveBeenCalled();
});

test('the right cloud says nothing', async () => {
  const { check, http, warn } = aCheck('gcc-high', [inGccHigh]);
  check.confirm(signal);
  await vi.waitFor(() => expect(http.sent).toHaveLength(1));
  const resource = refused(500011);
  expect(await check.explain(resource, signal)).toBe(resource);
  expect([http.sent.length, warn.mock.calls.length]).toEqual([1, 0]);
});
