/** What an AADSTS code asks of the operator. */
export interface EntraAdvice {
  /** One sentence for the person on call. */
  readonly advice: string;
  /** The same request may succeed later. */
  readonly transient: boolean;
  /** Entra ID's own words name what differs (issuer, audience, subject, parameter): show them too. */
  readonly verbatim: boolean;
}

type Flag = 'transient' | 'verbatim';
type Row = readonly [codes: readonly number[], advice: string, flag?: Flag];

const noTenant = 'Give the tenant id (a GUID) in `tenants[].id`, not `common` or `organizations`.';
const noResource =
  'This tenant has no Microsoft Defender under that audience: it is not licensed or not set up yet, or `cloud` names another cloud.';
const badScope = 'The scope must be exactly one resource and `/.default`: check `endpoints` and `cloud`.';

/** The codes worth a sentence of their own (reference §2.1, "Token errors"). */
const rows: readonly Row[] = [
  [
    [7000215],
    "The client secret is wrong: give the secret's value, not its id, and check that it was not deleted.",
  ],
  [[7000222], 'The client secret has expired: make a new one under Certificates & secrets.'],
  [[7000216, 7000218, 7000219], 'No credential was sent: check the `auth` block of the tenant.'],
  [
    [700016],
    'The application is not in this directory: the tenant id or the client id is wrong, or it has no service principal here.',
  ],
  [
    [7000229],
    'The application has no service principal in this tenant: grant admin consent, which creates it.',
  ],
  [[7000112], 'An administrator has disabled the application: enable it under Enterprise applications.'],
  [[90002], 'The tenant was not found: the tenant id is wrong, or `cloud` names another cloud.'],
  [[900023], 'The tenant id is malformed: give the GUID of the directory.'],
  [[50059, 50128, 90019, 50194], noTenant],
  [[90051, 50049], 'The tenant lives in another national cloud: check `cloud`.'],
  [[500011, 50001], noResource],
  [[70011, 1002012], badScope],
  [[65001], 'Admin consent has not been granted: grant it under API permissions.'],
  [[90094], 'An administrator must consent to the permissions.'],
  [[65004], 'Consent was declined: ask again with an account that may grant it.'],
  [
    [700027],
    'The certificate of this key is not registered on the application: upload it under Certificates & secrets.',
  ],
  [
    [700024],
    'The assertion is outside its validity: the clock of this machine is off by minutes, or the token file is stale.',
  ],
  [
    [700023],
    "The assertion's audience is wrong: `endpoints.authority` and `cloud` do not match.",
    'verbatim',
  ],
  [[700021], 'The assertion was made for another client id: check `auth.clientId`.', 'verbatim'],
  [
    [1000502],
    'The certificate has expired or is not valid yet: renew it and upload it under Certificates & secrets.',
  ],
  [[700030], 'Subject-name trust is not set up for this certificate: register the certificate itself.'],
  [
    [700211, 700212, 700213],
    'No federated credential of the application matches the issuer, audience and subject of the token file: make them equal.',
    'verbatim',
  ],
  [
    [50013, 50027],
    "The external token is malformed, or its issuer's keys could not be read: check the token file and the issuer's URL.",
    'verbatim',
  ],
  [[53003], 'A Conditional Access policy blocks this identity, probably by network location.'],
  [
    [530032, 530034],
    'Identity Protection blocks this identity for risk: dismiss the risk once it is understood.',
  ],
  [
    [50105],
    'Assignment is required on the enterprise application: assign this identity, or lift the requirement.',
  ],
  [[50076, 50079, 50072, 50158], 'Multi-factor authentication is needed: sign in again and satisfy it.'],
  [[50034, 50020, 90072], 'The account is not of this tenant: sign in with one that is.'],
  [[50126], 'The user name or the password is wrong.'],
  [[50055], "The account's password has expired: set a new one."],
  [[50053], 'The account is locked after too many attempts: wait, or have it unlocked.'],
  [[50057], 'The account is disabled.'],
  [
    [70008, 700082, 70043, 50173],
    'The refresh token has expired or was revoked: generate new tokens (SIEM refresh tokens must be renewed every 90 days).',
  ],
  [[70016], 'The device code is not confirmed yet.', 'transient'],
  [[70018], 'The device code is unknown: start again.'],
  [[70019, 70020], 'The device code has expired after 15 minutes: start again.'],
  [[7000014], 'The device code is invalid: start again.'],
  [[50011], "The reply URL is not registered: add it to the application's redirect URIs.", 'verbatim'],
  [
    [50196],
    'Token requests come too fast (a loop was detected): another process uses this application; wait some minutes.',
  ],
  [[90033, 90090, 90024], 'Entra ID has a passing trouble: it is asked again.', 'transient'],
  [
    [90013, 90014, 900144],
    'A parameter of the token request is missing or wrong: report this as a bug.',
    'verbatim',
  ],
];

const byCode: ReadonlyMap<number, EntraAdvice> = new Map(
  rows.flatMap(([codes, advice, flag]) =>
    codes.map((code) => [code, { advice, transient: flag === 'transient', verbatim: flag === 'verbatim' }]),
  ),
);

/** Every code that has a sentence of its own. */
export const knownEntraCodes: readonly number[] = [...byCode.keys()];

/** Returns what an AADSTS code asks of the operator; undefined for a code that is not in the table. */
export function entraAdvice(code: number): EntraAdvice | undefined {
  return byCode.get(code);
}

/** An answer of the token endpoint, taken apart. */
export interface EntraAnswer {
  /** OAuth `error`, such as `invalid_client`. */
  readonly error: string | undefined;
  /** The first of `error_codes`; else the number after AADSTS in the description. */
  readonly code: number | undefined;
  /** Entra ID's own words on one line, without ids and times. */
  readonly description: string | undefined;
  readonly traceId: string | undefined;
  readonly correlationId: string | undefined;
}

/** Returns what the body of a refused token request says; undefined when it is not Entra ID's error JSON. */
export function parseEntraAnswer(body: string): EntraAnswer | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...parsed };
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const description = text('error_description');
  const codes = Array.isArray(fields.error_codes) ? fields.error_codes : [];
  const code = Number(codes[0] ?? /AADSTS(\d+)/.exec(description ?? '')?.[1]);
  return {
    error: text('error'),
    code: Number.isSafeInteger(code) ? code : undefined,
    description: description
      ?.split(/\s*(?:Trace ID|Correlation ID|Timestamp):/, 1)[0]
      ?.replace(/\s+/g, ' ')
      .trim(),
    traceId: text('trace_id'),
    correlationId: text('correlation_id'),
  };
}
