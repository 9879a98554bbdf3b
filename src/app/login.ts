import { ConnectorError } from '../errors.ts';
import { createQuotas } from '../http/quotas.ts';
import { type Api, resolveEndpoints } from '../identity/clouds.ts';
import type { UserCredential } from '../identity/credential.ts';
import { signInWithDeviceCode } from '../identity/device-code.ts';
import { withSignIn } from '../identity/sign-in-file.ts';
import { readClaims } from '../identity/token-claims.ts';
import { scopesFor } from '../identity/user-token.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { connectTenant, createTenantClients, type TenantConfig } from './tenant-connection.ts';

/** What a sign-in works with. */
export interface LoginOptions {
  /** The APIs that the tenant's sources read. */
  readonly apis: readonly Api[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Shows a line to the person. */
  readonly show: (line: string) => void;
}

/** What one API gives to the person who signed in. */
export interface ApiAccess {
  readonly api: Api;
  /** Delegated permissions. */
  readonly scopes: readonly string[];
  /** Why there is no token; undefined when there is one. */
  readonly failure: unknown;
}

/** Who signed in, and what for. */
export interface LoggedIn {
  /** Undefined where the token does not tell. */
  readonly account: string | undefined;
  readonly access: readonly ApiAccess[];
}

/** Returns the credential of a tenant whose person signs in. Throws CONFIG_INVALID for a tenant of another kind. */
function userCredentialOf({ name, auth }: TenantConfig): UserCredential {
  if (auth.kind === 'user') return auth;
  throw new ConnectorError(
    'CONFIG_INVALID',
    `tenant ${name} has the credential ${auth.kind}, with which nobody signs in: give it \`auth.user\` for a person`,
  );
}

/**
 * Signs a person in for a tenant with a device code, writes the sealed sign-in where every process of this tenant reads
 * it, and then gets a token for each API with it. Rejects as `signInWithDeviceCode` does, and with CONFIG_INVALID when
 * the file cannot be written.
 */
export async function login(tenant: TenantConfig, options: LoginOptions): Promise<LoggedIn> {
  const { apis, clock, log, signal, show } = options;
  const credential = userCredentialOf(tenant);
  const clients = createTenantClients();
  try {
    // Before anyone enters a code: that the file can be written at all.
    await withSignIn(credential, { clock, signal }, async () => {});
    const endpoints = resolveEndpoints(tenant.cloud, tenant.region, tenant.endpoints);
    const tls = tenant.tls === undefined ? undefined : { ...tenant.tls, verify: true };
    const { accessToken, refreshToken } = await signInWithDeviceCode(
      {
        http: clients.clientFor(tls, tenant.proxy),
        endpoints,
        tenant: tenant.name,
        tenantId: tenant.id,
        clientId: credential.clientId,
        scopes: scopesFor(apis[0] ?? 'graph', endpoints),
        clock,
        show,
      },
      signal,
    );
    if (refreshToken === undefined) {
      throw new ConnectorError(
        'IDENTITY_REFUSED',
        `tenant ${tenant.name}: the sign-in left no refresh token: add the delegated permission offline_access to the application`,
      );
    }
    const { account } = readClaims(accessToken);
    const { clientId } = credential;
    const signIn = { refreshToken, clientId, account, signedInAtMs: clock.now() };
    await withSignIn(credential, { clock, signal }, (held) => held.write(signIn));
    const connection = connectTenant(tenant, { quotas: createQuotas(clock), clock, log, clients });
    const access: ApiAccess[] = [];
    for (const api of apis) access.push(await tryApi(api, () => connection.tokens.claims(api, signal)));
    connection.close();
    return { account, access };
  } finally {
    clients.close();
  }
}

/** Forgets the sign-in of a tenant's person; resolves with whether there was one. Rejects with CONFIG_INVALID. */
export async function logout(
  tenant: TenantConfig,
  { clock, signal }: Pick<LoginOptions, 'clock' | 'signal'>,
): Promise<boolean> {
  return withSignIn(userCredentialOf(tenant), { clock, signal }, (held) => held.remove());
}

async function tryApi(
  api: Api,
  claims: () => Promise<{ readonly scopes: readonly string[] }>,
): Promise<ApiAccess> {
  try {
    return { api, scopes: (await claims()).scopes, failure: undefined };
  } catch (failure) {
    return { api, scopes: [], failure };
  }
}
