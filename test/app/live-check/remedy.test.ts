import { describe, expect, test } from 'vitest';
import { remedyOf } from '../../../src/app/live-check/remedy.ts';
import { ConnectorError, type FailureCode } from '../../../src/errors.ts';
import { entraAdvice, knownEntraCodes } from '../../../src/identity/entra-errors.ts';
import { IdentityError, refusedToken } from '../../../src/identity/identity-error.ts';

function told(message: string, code: FailureCode = 'SINK_REFUSED') {
  return remedyOf(new ConnectorError(code, message), 'Look after it', 'SINK_UNREACHABLE');
}

describe('what to do is told apart from what is wrong', () => {
  test.each([
    [
      'sink hec: https://siem:8088: https://siem:8088 answered code 4, Invalid token: the token is unknown: check `token`; a new one takes a while',
      'https://siem:8088: https://siem:8088 answered code 4, Invalid token: the token is unknown',
      'Check `token`; a new one takes a while.',
    ],
    [
      'tenant contoso, graph API: https://graph.microsoft.com/v1.0/x: the tenant has no Tvm licence: buy it, or remove the source that needs it. The API says: status 401: Unauthorized: No Tvm license',
      'https://graph.microsoft.com/v1.0/x: the tenant has no Tvm licence. The API says: status 401: Unauthorized: No Tvm license',
      'Buy it, or remove the source that needs it.',
    ],
    ['sink disk: /x: the disk is full (ENOSPC)', '/x: the disk is full (ENOSPC)', 'Look after it.'],
    [
      'the tenant lives in the cloud GCC, but `cloud` says commercial: set `cloud: gcc`',
      'the tenant lives in the cloud GCC, but `cloud` says commercial',
      'Set `cloud: gcc`.',
    ],
  ])('%s', (message, finding, advice) => {
    expect(told(message)).toEqual({ result: 'failed', finding, advice, code: 'SINK_REFUSED' });
  });
});

test('every code of Entra ID: its sentence is the advice, and stands nowhere else', () => {
  const applicant = { tenant: 'contoso', clientId: '11111111', secrets: [] };
  for (const code of knownEntraCodes) {
    const body = JSON.stringify({
      error: 'invalid_client',
      error_description: `AADSTS${code}: something. Trace ID: t`,
      error_codes: [code],
      trace_id: 't',
      correlation_id: 'c',
    });
    const { finding, advice } = remedyOf(
      refusedToken(applicant, { status: 401, headers: {}, body }, 0),
      '',
      'API_UNREACHABLE',
    );
    expect(advice).toBe(entraAdvice(code)?.advice.replaceAll(/\bNAME\b/g, 'contoso'));
    expect(finding).toContain(`AADSTS${code}`);
    expect(finding).toContain('trace id t');
    expect(finding).not.toContain(advice);
    expect(finding).not.toMatch(/tenant contoso/);
  }
});

test('anything else that is thrown is a finding too', () => {
  expect(remedyOf(new Error('boom', { cause: new Error('deep') }), 'Report it', 'API_UNREACHABLE')).toEqual({
    result: 'failed',
    finding: 'boom: deep',
    advice: 'Report it.',
    code: 'API_UNREACHABLE',
  });
});

test('what may pass is tried again, and blamed on nothing', () => {
  const away = new IdentityError(
    'IDENTITY_UNAVAILABLE',
    'tenant contoso: Entra ID gave no token: server_error',
    {
      retryable: true,
    },
  );
  expect(remedyOf(away, 'Check the `auth` block', 'API_UNREACHABLE')).toMatchObject({
    finding: 'Entra ID gave no token: server_error',
    advice: 'It may pass: run the check again in some minutes.',
  });
});
