import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  INetworkModule,
  NodeAuthOptions,
} from '@azure/msal-node';
import { ConnectorError, messageOf } from '../errors.ts';
import { describeConnectionError } from '../http/connection-error.ts';
import { senderNow } from '../http/retry-after.ts';
import { scrub } from '../http/scrub.ts';
import { systemClock } from '../runtime/clock.ts';
import { loadPackage } from '../runtime/packages.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { ManagedIdentityCredential } from './credential.ts';
import {
  type Applicant,
  IdentityError,
  nameOf,
  refusedToken,
  unreachableAuthority,
} from './identity-error.ts';
import { MsalNetwork, withNetwork } from './msal-network.ts';
import type { Proof } from './proof.ts';
import {
  type ApplicationTokenRequest,
  type IssuedToken,
  isBearerToken,
  type ManagedTokenRequest,
  type TokenRequest,
} from './token-request.ts';

/**
 * Asks the v2 endpoint, or the platform's managed identity, for a token for `resource` (without `/.default`). msal is
 * made anew for each token: it then knows the credential of this moment and caches nothing of its own. Throws
 * `IdentityError`, or the signal's reason.
 */
export async function requestMsalToken(
  request: ApplicationTokenRequest | ManagedTokenRequest,
  resource: string,
  signal: AbortSignal,
): Promise<IssuedToken> {
  const { tenant, endpoints, clock } = request;
  const managed = 'identity' in request;
  const network = new MsalNetwork(request.http, signal, managed ? undefined : endpoints.authority);
  const applicant = (): Applicant => ({
    tenant,
    clientId: managed ? request.identity.clientId : request.clientId,
    managed,
    secrets: [...network.secrets, ...(managed ? [] : secretsOf(request.proof))],
  });
  let result: AuthenticationResult | null;
  try {
    result = managed
      ? await withNetwork(network, (networkClient) =>
          managedIdentityToken(request.identity, resource, networkClient),
        )
      : await applicationToken(
          request,
          { clientId: request.clientId, ...authOf(request.proof) },
          resource,
          network,
        );
  } catch (error) {
    signal.throwIfAborted();
    throw translate(applicant(), network, error, clock.now());
  }
  // msal takes an error without its JSON for a success.
  if (network.answer !== undefined && network.answer.status !== 200) {
    throw refusedToken(applicant(), network.answer, clock.now());
  }
  if (isBearerToken(result?.accessToken) && result?.expiresOn != null) {
    // msal counts with the host's clock, which need not be ours; a platform names the moment by its own, which may be hours off.
    const hostMs = systemClock.now();
    const nowMs = managed && network.answer !== undefined ? senderNow(network.answer, hostMs) : hostMs;
    return { token: result.accessToken, lifetimeMs: result.expiresOn.getTime() - nowMs };
  }
  throw new IdentityError(
    'IDENTITY_UNAVAILABLE',
    `${nameOf(applicant())}: the token endpoint answered without a token`,
    { retryable: true },
  );
}

async function applicationToken(
  request: TokenRequest,
  auth: NodeAuthOptions,
  resource: string,
  networkClient: MsalNetwork,
): Promise<AuthenticationResult | null> {
  const { endpoints, tenantId } = request;
  const msal = loadMsal();
  const client: ConfidentialClientApplication = new msal.ConfidentialClientApplication({
    auth: {
      ...auth,
      authority: `${endpoints.authority}/${tenantId}`,
      // An authority of the configuration's own is not in Microsoft's list, and need not be.
      knownAuthorities: endpoints.overridden.has('authority') ? [new URL(endpoints.authority).host] : [],
    },
    system: { networkClient, disableInternalRetries: true },
  });
  return client.acquireTokenByClientCredential({ scopes: [`${resource}/.default`], skipCache: true });
}

async function managedIdentityToken(
  { clientId, resourceId }: ManagedIdentityCredential,
  resource: string,
  networkClient: INetworkModule,
): Promise<AuthenticationResult> {
  const msal = loadMsal();
  const client = new msal.ManagedIdentityApplication({
    managedIdentityIdParams: {
      ...(clientId === undefined ? {} : { userAssignedClientId: clientId }),
      ...(resourceId === undefined || clientId !== undefined ? {} : { userAssignedResourceId: resourceId }),
    },
    system: { networkClient, disableInternalRetries: true },
  });
  return client.acquireToken({ resource, forceRefresh: true });
}

/** With the first token only: commands that need none start without its time and memory. */
function loadMsal() {
  return loadPackage('@azure/msal-node') as typeof import('@azure/msal-node');
}

function authOf(proof: Proof): Omit<NodeAuthOptions, 'clientId'> {
  if (proof.kind === 'secret') return { clientSecret: proof.secret };
  if (proof.kind === 'assertion') return { clientAssertion: proof.assertion };
  const { certificate } = proof;
  const privateKey = pemOf(certificate);
  return { clientCertificate: { thumbprintSha256: certificate.thumbprintHex, privateKey } };
}

/** What is a secret before anything was sent: msal's own errors may hold it. */
function secretsOf(proof: Proof): readonly string[] {
  if (proof.kind === 'secret') return [proof.secret];
  return [proof.kind === 'assertion' ? proof.assertion : pemOf(proof.certificate)];
}

function pemOf({ privateKey }: ClientCertificate): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** What went wrong is told by the last exchange; msal's own words only when there was none, or it was fine. */
function translate(
  applicant: Applicant,
  network: MsalNetwork,
  error: unknown,
  nowMs: number,
): ConnectorError {
  const { failure, answer } = network;
  if (failure?.error instanceof ConnectorError) {
    return new IdentityError(failure.error.code, `${nameOf(applicant)}: ${failure.error.message}`, {
      retryable: false,
    });
  }
  if (failure !== undefined) {
    return unreachableAuthority(
      applicant,
      describeConnectionError(failure.error, failure.url),
      failure.error,
    );
  }
  if (answer !== undefined && answer.status !== 200) return refusedToken(applicant, answer, nowMs);
  const words = scrub(`${nameOf(applicant)}: no token: ${messageOf(error)}`, applicant.secrets);
  return answer === undefined
    ? new IdentityError('IDENTITY_REFUSED', words, { retryable: false })
    : new IdentityError('IDENTITY_UNAVAILABLE', `${words}: the authority's answer is not what it should be`, {
        retryable: true,
      });
}
