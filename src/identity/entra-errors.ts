/** What an AADSTS code asks of the operator. */
export interface EntraAdvice {
  /** One sentence for the person on call; `--tenant NAME` stands in it where a command has to name the tenant. */
  readonly advice: string;
  /** The same request may succeed later. */
  readonly transient: boolean;
  /** Entra ID's own words name what differs (issuer, audience, subject, parameter): show them too. */
  readonly verbatim: boolean;
}

/**
 * What a code means to the program. `sign-in`: only a new sign-in of the person helps; `cloud`: the tenant may live in
 * another cloud; `credential`: one that was replaced a moment ago explains it; `loop`: each further request makes it worse.
 */
export type EntraMeaning = 'transient' | 'verbatim' | 'sign-in' | 'cloud' | 'credential' | 'loop';

type Row = readonly [codes: readonly number[], advice: string, ...meanings: readonly EntraMeaning[]];

const provision = '`defender-siem provision --tenant NAME`';
const repair = '`defender-siem provision --tenant NAME --repair`';
const rotate = '`defender-siem provision --tenant NAME --rotate`';
const login = '`defender-siem login --tenant NAME`';

/** The codes worth a sentence of their own (reference §2.1, "Token errors"). */
const rows: readonly Row[] = [
  [
    [7000215],
    `The client secret is wrong: give the secret's value, not its id; where it was deleted, run ${rotate} for a new one.`,
    'credential',
  ],
  [[7000222], `The client secret has expired: run ${rotate} for a new one.`, 'credential'],
  [
    [7000216, 7000218, 7000219],
    `No credential was sent: check the \`auth\` block of the tenant; for the sign-in of a person the application must be a public client: run ${repair}.`,
  ],
  [
    [700025],
    'The application is a public client, which has no secret or certificate: use `auth.user`, or register an application of its own.',
  ],
  [
    [700016, 70001],
    `The application is not in this directory: check the tenant id and \`auth.clientId\`; where both are right, run ${provision}, which creates it.`,
  ],
  [[7000229], `The application has no service principal in this tenant: run ${repair}, which creates it.`],
  [
    [7000112],
    `An administrator has disabled the application: once it is clear why, enable it under Enterprise applications, or run ${repair}.`,
  ],
  [
    [90002],
    'The tenant was not found: the tenant id is wrong, or `cloud` names another cloud: compare the id with the overview page of the directory.',
    'cloud',
  ],
  [[900023], 'The tenant id is malformed: give the GUID of the directory.'],
  [
    [50059, 50128, 90019, 50194],
    'No tenant was named: give the tenant id (a GUID) in `tenants[].id`, not `common` or `organizations`.',
  ],
  [
    [90051, 50049, 900382, 900432, 900439],
    'The tenant lives in another national cloud: check `cloud`; `defender-siem check --live` names the right one.',
    'cloud',
  ],
  [
    [500011, 50001, 500014],
    `This tenant has no Microsoft Defender under that audience: it is not licensed, or not set up yet (run ${repair} once it is), or \`cloud\` names another cloud.`,
    'cloud',
  ],
  [
    [70011, 1002012],
    'The scope must be exactly one resource and `/.default`: check `endpoints` and `cloud`.',
    'cloud',
  ],
  [[65001], `Consent has not been granted: run ${repair} as an administrator, which grants it.`],
  [[90094, 90095], `An administrator must consent to the permissions: run ${repair} as one.`],
  [[65004], `Consent was declined: run ${repair} with an account that may grant it.`],
  [
    [700027],
    `The certificate of this key is not registered on the application: put the registered one in its place, or run ${rotate} for a new one.`,
    'credential',
  ],
  [
    [700024, 500133],
    'The assertion is outside its validity: set the clock of this machine right, or have the token file renewed.',
    'credential',
  ],
  [
    [700023],
    "The assertion's audience is wrong: `endpoints.authority` and `cloud` do not match: check both.",
    'verbatim',
    'cloud',
  ],
  [[700021], 'The assertion was made for another client id: check `auth.clientId`.', 'verbatim'],
  [[1000502], `The certificate has expired or is not valid yet: run ${rotate} for a new one.`, 'credential'],
  [
    [700030],
    `Subject-name trust is not set up for this certificate: register the certificate itself, or run ${rotate} for a new one.`,
  ],
  [
    [70021, 700211, 700212, 700213],
    'No federated credential of the application matches the issuer, audience and subject of the token file: make them equal; one just made takes some minutes.',
    'verbatim',
  ],
  [
    [50013, 50027],
    "The external token is malformed, or its issuer's keys could not be read: check the token file and the issuer's URL.",
    'verbatim',
    'credential',
  ],
  [
    [53003, 53000, 53001, 53002, 530003, 530004],
    'A Conditional Access policy blocks this sign-in, by network location, by device, or since it does not allow device codes: have it except this identity.',
  ],
  [
    [530032, 530034, 53004],
    'Identity Protection blocks this identity for risk: have the risk dismissed once it is understood.',
  ],
  [
    [50105],
    'Assignment is required on the enterprise application: assign this identity, or lift the requirement.',
  ],
  [
    [50076, 50079, 50072, 50074, 50078, 50158],
    `Multi-factor authentication is needed: run ${login} and satisfy it.`,
    'sign-in',
  ],
  [[50034, 50020, 90072], 'The account is not of this tenant: sign in with one that is.'],
  [[50126], 'The user name or the password is wrong: sign in again.'],
  [[50055], "The account's password has expired: set a new one, and sign in again.", 'sign-in'],
  [[50053], 'The account is locked after too many attempts: wait, or have it unlocked.'],
  [[50057], 'The account is disabled: have it enabled, or sign in with another one.'],
  [
    [70000, 70008, 700082, 70043, 700084, 50173, 50133, 50089],
    `The person's sign-in is over: it was revoked, the password was changed, or it was not used for 90 days: run ${login}.`,
    'sign-in',
  ],
  [[70016], 'The device code is not confirmed yet: enter it on the page that was named.', 'transient'],
  [[70018], 'The device code is unknown: start again.'],
  [[70019, 70020], 'The device code has expired after 15 minutes: start again.'],
  [[7000014], 'The device code is invalid: start again.'],
  [[50011], "The reply URL is not registered: add it to the application's redirect URIs.", 'verbatim'],
  [
    [50196],
    'Token requests come too fast (a loop was detected): another process uses this application; wait some minutes.',
    'loop',
  ],
  [[90033, 90090, 90024], 'Entra ID has a passing trouble: it is asked again.', 'transient'],
  [
    [90013, 90014, 900144],
    'A parameter of the token request is missing or wrong: report this as a bug.',
    'verbatim',
  ],
];

const byCode: ReadonlyMap<number, Row> = new Map(
  rows.flatMap((row) => row[0].map((code) => [code, row] as const)),
);

/** Every code that has a sentence of its own. */
export const knownEntraCodes: readonly number[] = [...byCode.keys()];

/** Returns what an AADSTS code asks of the operator of a tenant; undefined for a code that is not in the table. */
export function entraAdvice(code: number, tenant = 'NAME'): EntraAdvice | undefined {
  const row = byCode.get(code);
  if (row === undefined) return undefined;
  const [, advice, ...meanings] = row;
  return {
    advice: advice.replaceAll('--tenant NAME', () => `--tenant ${tenant}`),
    transient: meanings.includes('transient'),
    verbatim: meanings.includes('verbatim'),
  };
}

/** Returns what a person has to do for a new sign-in. */
export function loginAdvice(tenant: string): string {
  return `run \`defender-siem login --tenant ${tenant}\``;
}

/** Returns what renews a tenant's credential. */
export function rotateAdvice(tenant: string): string {
  return `run \`defender-siem provision --tenant ${tenant} --rotate\`, or register a new one and put it in its place`;
}

/** Returns whether an AADSTS code means this to the program. */
export function entraCodeMeans(code: number | undefined, meaning: EntraMeaning): boolean {
  const [, , ...meanings] = (code === undefined ? undefined : byCode.get(code)) ?? [[], ''];
  return meanings.includes(meaning);
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
