import { ConnectorError } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { Endpoints } from '../identity/clouds.ts';
import type { ApplicationCredential } from '../identity/credential.ts';
import { signInWithDeviceCode } from '../identity/device-code.ts';
import { IdentityError } from '../identity/identity-error.ts';
import { createTokenProvider } from '../identity/token-provider.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { azureCliToken } from './azure-cli-token.ts';

/** How the one who provisions proves who that is. */
export type AdminSignIn =
  | { readonly kind: 'device-code' }
  | { readonly kind: 'azure-cli'; readonly env: Readonly<Record<string, string | undefined>> }
  | { readonly kind: 'application'; readonly credential: ApplicationCredential };

/** What signing in works with. */
export interface SignInParts {
  readonly tenant: { readonly name: string; readonly id: string };
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Shows the person where to go with which code. */
  readonly show: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Microsoft Graph Command Line Tools: a public client of Microsoft's that every tenant knows (reference §11.2). */
const graphCommandLineTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
/** A token is renewed where less than this is left, ms. */
const enoughMs = 120_000;

/**
 * Signs in, and returns a function that gives a token for Microsoft Graph that holds now; none is ever written down.
 * `delegated`: also to grant delegated permissions. Throws IDENTITY_REFUSED or IDENTITY_UNAVAILABLE with what to do.
 */
export async function signIn(
  how: AdminSignIn,
  delegated: boolean,
  { tenant, endpoints, http, clock, show, signal }: SignInParts,
): Promise<() => Promise<string>> {
  const resource = endpoints.audiences.graph;
  if (how.kind === 'application') {
    const { credential } = how;
    const tokens = createTokenProvider({
      tenant,
      credential,
      endpoints,
      http,
      clock,
      log: silentLog,
      signal,
    });
    await tokens.token('graph', signal).catch((error: unknown) => {
      throw ofTheAdministrators(error, credential.clientId);
    });
    return () => tokens.token('graph', signal);
  }
  if (how.kind === 'azure-cli') {
    const token = await azureCliToken(resource, tenant.id, how.env, signal);
    return async () => token;
  }
  // The last one only tells the directory's name, to the person who may have signed in to another.
  const wanted = ['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'User.Read'];
  if (delegated) wanted.push('DelegatedPermissionGrant.ReadWrite.All');
  const code = async () => {
    const signedIn = await signInWithDeviceCode(
      {
        http,
        endpoints,
        tenantId: tenant.id,
        tenant: tenant.name,
        clientId: graphCommandLineTools,
        scopes: wanted.map((scope) => `${resource}/${scope}`),
        clock,
        show,
      },
      signal,
    ).catch((error: unknown) => {
      throw withRemedy(error, tenant.name);
    });
    return { token: signedIn.accessToken, untilMs: elapsedMs(clock) + signedIn.lifetimeMs };
  };
  let held = await code();
  return async () => {
    if (elapsedMs(clock) > held.untilMs - enoughMs) held = await code();
    return held.token;
  };
}

/** Consent to the application that the person signs in through is missing, or was declined. */
const consentCodes: readonly (number | undefined)[] = [65001, 65004, 90094];
/** The application is unknown, or its credential is wrong or has ended (reference §2.1). */
const applicationCodes: readonly (number | undefined)[] = [700016, 7000215, 7000222, 700027, 7000229];
/** A policy of the tenant forbids the sign-in with a device code (reference §11.3). */
const policyCodes: readonly (number | undefined)[] = [53000, 53001, 53003, 530032, 530034];

/** The remedies of a refusal speak of the connector's own application, which the administrators' is not. */
function ofTheAdministrators(error: unknown, clientId: string): unknown {
  if (!(error instanceof IdentityError) || !applicationCodes.includes(error.entraCode)) return error;
  const words = `the sign-in as the application ${clientId} was refused (AADSTS${error.entraCode}): check that --admin-client-id is the client id of an application of this tenant, and that --admin-secret-file or --admin-certificate holds a credential of it that has not ended. Nothing was changed`;
  return new ConnectorError('IDENTITY_REFUSED', words);
}

/** Returns the refusal with what to do here, where that is more than Entra ID's code alone tells. */
function withRemedy(error: unknown, tenant: string): unknown {
  if (!(error instanceof IdentityError)) return error;
  const { entraCode } = error;
  const remedy = consentCodes.includes(entraCode)
    ? 'this account may not let Microsoft Graph Command Line Tools change applications: sign in as a Cloud Application Administrator and Privileged Role Administrator, or as a Global Administrator'
    : policyCodes.includes(entraCode)
      ? 'a Conditional Access policy forbids to sign in with a device code here: use `--use-azure-cli`, or an application that may (`--admin-client-id`)'
      : undefined;
  if (remedy === undefined) return error;
  const words = `tenant ${tenant}: ${remedy}; or have somebody who may run what \`--print\` gives (AADSTS${entraCode})`;
  return new ConnectorError('IDENTITY_REFUSED', words, { cause: error });
}
