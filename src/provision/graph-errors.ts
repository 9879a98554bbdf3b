/** What to make of an error of Graph's directory. */
export interface GraphAdvice {
  /** What it means and what to do, for the person who provisions. */
  readonly sentence: string;
  /** The identity that is signed in may not do this. */
  readonly denied: boolean;
}

/** The error of an answer, as far as advice depends on it. */
export interface GraphError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Codes of `error.details`: Graph hides the telling one there. */
  readonly details: readonly string[];
}

interface Row {
  /** Any of these codes, in `error.code` or in its details. */
  readonly codes?: readonly string[];
  readonly statuses?: readonly number[];
  /** What the message says, where the code alone says too little. */
  readonly message?: RegExp;
  readonly denied?: boolean;
  readonly sentence: string;
}

/** From the most telling to the most general; the first that fits is taken (reference §11.4, and Graph's own list). */
const rows: readonly Row[] = [
  {
    codes: ['CredentialTypeNotAllowedAsPerAppPolicy'],
    sentence:
      'a policy of the tenant forbids this kind of credential: use another (`--credential certificate` or `federated`), or have the policy make an exception for this application',
  },
  {
    codes: ['CredentialInvalidLifetimeAsPerAppPolicy'],
    sentence: 'a policy of the tenant wants credentials that end earlier: give fewer `--days`',
  },
  {
    codes: ['KeyCredentialsInvalidEndDate', 'KeyCredentialsInvalidStartDate'],
    sentence:
      'a certificate of the application is outside the time that the tenant allows: give fewer `--days`, remove expired ones with `--repair`, and check the clock of this machine',
  },
  {
    codes: ['SignInAudienceNotAllowedAsPerAppPolicy'],
    sentence: 'a policy of the tenant forbids applications for several tenants: leave `--multi-tenant` out',
  },
  {
    message: /AppManagementPolicy|as per (assigned )?(app )?policy|AsPerAppPolicy/i,
    sentence:
      'an application management policy of the tenant forbids it: have the policy make an exception for this application',
  },
  {
    codes: ['Directory_QuotaExceeded'],
    sentence:
      'the directory takes no more objects of this identity: delete applications that nobody uses (also from the deleted ones), or sign in as another administrator',
  },
  {
    codes: ['Authorization_IdentityNotFound'],
    denied: true,
    sentence:
      'the application that signs in has no service principal in this tenant: grant it admin consent here, or sign in as a person',
  },
  {
    codes: ['Authorization_IdentityDisabled'],
    denied: true,
    sentence: 'the identity that signs in is disabled: have it enabled, or sign in as another one',
  },
  {
    codes: ['Authentication_RequestFromNonPremiumTenantOrB2CTenant'],
    denied: true,
    sentence:
      'this is a directory for customers (B2C) without licences: provision in the directory that has Defender',
  },
  {
    message: /guests? (users? )?(are|is) not allowed/i,
    denied: true,
    sentence: 'guests may not do this: sign in with an account that is a member of this tenant',
  },
  {
    message: /backing application of the service principal/i,
    denied: true,
    sentence:
      'the service principal may not be made by this identity: it takes Application.ReadWrite.All, and for a resource a licence of the product behind it (open the Defender portal once as an administrator)',
  },
  {
    message: /consent.*(policy|policies)|PermissionGrantPolicies|grant policy/i,
    denied: true,
    sentence:
      'no consent policy lets this identity grant the permission: a Global Administrator or a Privileged Role Administrator may',
  },
  {
    codes: ['TokenCreatedWithOutdatedPolicies', 'TokenIssuedBeforeRevocationTimestamp'],
    denied: true,
    sentence: 'the sign-in was revoked, or a policy has changed since: sign in again',
  },
  {
    message: /lifetime validation failed|token (is|has) expired/i,
    statuses: [401],
    denied: true,
    sentence: 'the sign-in has expired: sign in again',
  },
  {
    message: /invalid audience/i,
    statuses: [401],
    denied: true,
    sentence: 'the token is for another service or another cloud: get one for Microsoft Graph of this cloud',
  },
  {
    codes: [
      'InvalidAuthenticationToken',
      'Authentication_Unauthorized',
      'Unauthorized',
      'Authentication_ExpiredToken',
    ],
    denied: true,
    sentence: 'the sign-in is not accepted: sign in again, with an account of this tenant',
  },
  {
    codes: ['Authorization_RequestDenied', 'Forbidden', 'AccessDenied', 'Request_UnauthorizedAccess'],
    denied: true,
    sentence: 'the identity that is signed in may not do this',
  },
  {
    codes: ['NoBackingApplicationObject'],
    sentence:
      'the directory knows no application of this id: one of yours is new (run the command again in some minutes), or is registered in another tenant and not yet for others (run `defender-siem provision --multi-tenant` there); a product of Microsoft is not licensed or not set up in this tenant (open the Defender portal once as an administrator)',
  },
  {
    codes: ['OrganizationFromTenantGuidNotFound', 'TenantNotFound'],
    sentence: 'the directory of this tenant id was not found: check `tenants[].id` and `cloud`',
  },
  {
    codes: [
      'Request_ResourceNotFound',
      'Directory_ObjectNotFound',
      'ResourceNotFound',
      'NotFound',
      'itemNotFound',
    ],
    sentence:
      'the directory does not know it, a minute later still: it was deleted meanwhile, or the directory is slow; run the command again',
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue', 'ObjectConflict'],
    sentence:
      'the directory has another object with the same key: look for it in the portal and remove the one that is not wanted',
  },
  {
    codes: ['Directory_ConcurrencyViolation', 'ConcurrencyViolation'],
    sentence:
      'something else changes the application at the same time: wait for that to end, and run the command again',
  },
  {
    message: /federated identity credentials?.*(limit|maximum)|maximum.*federated/i,
    sentence: 'an application has at most 20 federated credentials: remove one that is not needed',
  },
  {
    message:
      /password credential.*(limit|maximum)|maximum.*(password|key) credential|allowed number of credentials/i,
    sentence:
      'the application has as many credentials as it may: remove those that are not needed, or run with `--repair`',
  },
  {
    codes: [
      'Request_ThrottledTemporarily',
      'TooManyRequests',
      'activityLimitReached',
      'Request_ThrottledPermanently',
    ],
    sentence:
      'the directory throttles this tenant or application: wait some minutes, and run the command again',
  },
  {
    codes: [
      'ServiceUnavailable',
      'Directory_ReplicaUnavailable',
      'Directory_BindingRedirection',
      'serviceNotAvailable',
    ],
    sentence: 'the directory is not available at the moment: run the command again in some minutes',
  },
  {
    codes: ['GatewayTimeout', 'Request_Timeout'],
    sentence: 'the directory did not answer in time: run the command again',
  },
  {
    codes: ['Service_InternalServerError', 'InternalServerError', 'UnknownError', 'generalException'],
    sentence:
      'the directory failed by itself: run the command again, and tell Microsoft the request id if it goes on',
  },
  {
    codes: ['Request_UnsupportedQuery', 'Request_InvalidRequestUrl', 'Request_DataContractVersionMissing'],
    sentence:
      "this cloud's Graph does not take the query: check `endpoints.graph` and `cloud`, else report it as a bug",
  },
  {
    codes: ['Request_BadRequest', 'BadRequest', 'InvalidRequest', 'Request_InvalidDataContractVersion'],
    sentence: 'the directory refuses the values: its own words below say which',
  },
  { statuses: [401, 403], denied: true, sentence: 'the identity that is signed in may not do this' },
  {
    statuses: [404],
    sentence: 'the directory does not know it: it was deleted meanwhile; run the command again',
  },
  { statuses: [407], sentence: 'the proxy wants a user and a password: write them into the proxy URL' },
  {
    statuses: [429, 500, 502, 503, 504],
    sentence: 'the directory is not available at the moment: run the command again in some minutes',
  },
];

/** Returns what an error of Graph means and what to do; a general word for one that is not known. */
export function graphAdvice(error: GraphError): GraphAdvice {
  const row = rows.find((candidate) => fits(candidate, error));
  return {
    sentence: row?.sentence ?? 'the directory refuses it: its own words below say why',
    denied: row?.denied === true,
  };
}

/** How many kinds of error have a sentence of their own. */
export const knownGraphErrors = rows.length;

function fits(row: Row, error: GraphError): boolean {
  if (row.codes !== undefined && !row.codes.some((code) => isNamed(code, error))) return false;
  if (row.statuses !== undefined && !row.statuses.includes(error.status)) return false;
  return row.message === undefined || row.message.test(`${error.code} ${error.message}`);
}

function isNamed(code: string, error: GraphError): boolean {
  return [error.code, ...error.details].some((named) => named.toLowerCase() === code.toLowerCase());
}
