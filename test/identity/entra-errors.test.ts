import { describe, expect, test } from 'vitest';
import { knownEntraCodes, parseEntraAnswer } from '../../src/identity/entra-errors.ts';
import { refusedToken } from '../../src/identity/identity-error.ts';
import { refusal } from '../support/fake-entra.ts';

const applicant = {
  tenant: 'contoso',
  clientId: '11111111-1111-1111-1111-111111111111',
  secrets: ['hidden'],
};
const nowMs = Date.parse('2026-11-03T08:00:00Z');

function told(code: number, words?: string) {
  const answer = refusal(code, 'invalid_request', words);
  return refusedToken(applicant, { headers: {}, ...answer }, nowMs);
}

test.each([
  [7000215, "secret's value, not its id"],
  [7000222, 'run `defender-siem provision --tenant contoso --rotate`'],
  [7000216, 'No credential was sent'],
  [7000218, 'No credential was sent'],
  [7000219, 'No credential was sent'],
  [700016, 'run `defender-siem provision --tenant contoso`'],
  [7000229, 'run `defender-siem provision --tenant contoso --repair`'],
  [7000112, 'disabled the application'],
  [90002, 'tenant was not found'],
  [900023, 'malformed'],
  [50059, 'not `common`'],
  [50128, 'not `common`'],
  [90019, 'not `common`'],
  [50194, 'not `common`'],
  [90051, 'another national cloud'],
  [50049, 'another national cloud'],
  [500011, 'no Microsoft Defender'],
  [50001, 'no Microsoft Defender'],
  [70011, '`/.default`'],
  [1002012, '`/.default`'],
  [65001, 'run `defender-siem provision --tenant contoso --repair`'],
  [90094, 'must consent'],
  [65004, 'declined'],
  [700027, 'not registered on the application'],
  [700024, 'clock of this machine'],
  [700023, 'do not match'],
  [700021, 'another client id'],
  [1000502, 'run `defender-siem provision --tenant contoso --rotate`'],
  [700030, 'Subject-name trust'],
  [700211, 'federated credential'],
  [700212, 'federated credential'],
  [700213, 'federated credential'],
  [50013, 'external token is malformed'],
  [50027, 'external token is malformed'],
  [53003, 'Conditional Access'],
  [530032, 'Identity Protection'],
  [530034, 'Identity Protection'],
  [50105, 'Assignment is required'],
  [50076, 'run `defender-siem login --tenant contoso` and satisfy it'],
  [50034, 'not of this tenant'],
  [50126, 'password is wrong'],
  [50055, 'password has expired'],
  [50053, 'locked'],
  [50057, 'account is disabled'],
  [700082, 'run `defender-siem login --tenant contoso`'],
  [50173, 'run `defender-siem login --tenant contoso`'],
  [900382, 'another national cloud'],
  [70018, 'start again'],
  [70019, '15 minutes'],
  [7000014, 'start again'],
  [50011, 'reply URL'],
  [50196, 'too fast'],
  [900144, 'report this as a bug'],
])('AADSTS%i says what to do', (code, words) => {
  const error = told(code);
  expect(error.code).toBe('IDENTITY_REFUSED');
  expect(error.exitCode).toBe(4);
  expect(error.retryable).toBe(false);
  for (const part of [words, 'contoso', applicant.clientId, `AADSTS${code}`, 'trace-1', 'correlation-1']) {
    expect(error.message).toContain(part);
  }
});

test.each([90033, 90090, 90024, 70016])('AADSTS%i passes by itself', (code) => {
  expect(told(code)).toMatchObject({ code: 'IDENTITY_UNAVAILABLE', retryable: true });
});

test('every code of the table is told in one line with a full stop', () => {
  for (const code of knownEntraCodes)
    expect(told(code).message).toMatch(/^[^\n]*\.[^\n]* \(trace id [^\n]*\)$/);
});

describe('an answer', () => {
  test('with an unknown code is shown in its own words', () => {
    expect(told(987654, 'A thing\r\nof the future.').message).toContain(
      '"AADSTS987654: A thing of the future."',
    );
  });

  test('of a federated credential shows what was presented', () => {
    const error = told(700213, "No matching federated identity record for subject 'system:x'.");
    expect(error.message).toContain("'system:x'");
  });

  test('is read by its code, not by its prose', () => {
    const body = JSON.stringify({ error: 'x', error_description: 'AADSTS1: a', error_codes: [7000222] });
    expect(parseEntraAnswer(body)?.code).toBe(7000222);
  });

  test('without codes is read by its prose', () => {
    expect(parseEntraAnswer(JSON.stringify({ error: 'x', error_description: 'AADSTS90002: a' }))?.code).toBe(
      90002,
    );
  });

  test.each([
    ['HTML', '<html>', undefined],
    ['JSON that is no object', '7', undefined],
    ['an object of another kind', '{"value":[]}', undefined],
  ])('that is %s is none of Entra ID', (_case, body, parsed) => expect(parseEntraAnswer(body)).toBe(parsed));

  test('without JSON is refused or transient by its status', () => {
    const of = (status: number) => refusedToken(applicant, { status, headers: {}, body: '<html>' }, nowMs);
    expect(of(404)).toMatchObject({ code: 'IDENTITY_REFUSED', retryable: false });
    expect(of(502)).toMatchObject({ code: 'IDENTITY_UNAVAILABLE', retryable: true });
  });

  test('with a Retry-After is retryable after it', () => {
    const answer = { status: 429, headers: { 'retry-after': '9' }, body: '{}' };
    expect(refusedToken(applicant, answer, nowMs)).toMatchObject({ retryable: true, retryAfterMs: 9000 });
  });

  test('that echoes the secret does not show it', () => {
    expect(told(987654, 'you sent hidden here').message).toContain('you sent [secret] here');
  });
});
