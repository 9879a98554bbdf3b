import type { Resource } from '../audiences.ts';
import { noPermissions, type Registration, type Registrations } from '../identity/registration.ts';
import { readCertificate } from '../jwt.ts';
import type { Directory } from './directory.ts';
import { sameId } from './directory.ts';
import type { StoredApplication, StoredServicePrincipal } from './objects.ts';
import { microsoftResources } from './resources.ts';

/**
 * Returns the directory's applications as the token endpoint knows them: it hears of a new application, service
 * principal, credential or permission only when every replica has (API reference §11.4: AADSTS700016, 7000229, 7000215,
 * 700027, 700213, and roles that are missing until then). An application of another tenant, for several tenants, is known
 * too: without a service principal here it is refused with 7000229.
 * Their tokens live as long as `lifetimes` says when they are issued.
 */
export function directoryRegistrations(
  directory: Directory,
  lifetimes: Pick<Registration, 'tokenLifetimeSeconds'>,
): Registrations {
  return {
    find(clientId, nowMs) {
      const settled = { now: nowMs, behind: true };
      const application =
        directory.applicationOf(clientId, settled) ??
        directory.foreignApplicationOf(clientId, settled)?.application;
      if (application === undefined) return undefined;
      const principals = directory.servicePrincipals.allSettled(nowMs);
      const principal = principals.find((candidate) => sameId(candidate.appId, clientId));
      return registrationOf(directory, { application, principal, principals }, nowMs, lifetimes);
    },
  };
}

interface Settled {
  readonly application: StoredApplication;
  readonly principal: StoredServicePrincipal | undefined;
  readonly principals: readonly StoredServicePrincipal[];
}

function registrationOf(
  directory: Directory,
  { application, principal, principals }: Settled,
  nowMs: number,
  { tokenLifetimeSeconds }: Pick<Registration, 'tokenLifetimeSeconds'>,
): Registration {
  const roles = noPermissions();
  const scopes = noPermissions();
  const requestedScopes = noPermissions();
  const missingResources: Resource[] = [];
  for (const { name, appId } of microsoftResources) {
    const resource = principals.find((candidate) => sameId(candidate.appId, appId));
    if (resource === undefined) missingResources.push(name);
    const requested = application.requiredResourceAccess
      .filter(({ resourceAppId }) => sameId(resourceAppId, appId))
      .flatMap(({ resourceAccess }) => resourceAccess.map(({ id }) => id));
    requestedScopes[name] = (resource?.scopes ?? [])
      .filter(({ id }) => requested.includes(id))
      .map(({ value }) => value);
    if (resource === undefined || principal === undefined) continue;
    const granted = directory.assignments
      .allSettled(nowMs)
      .filter(({ principalId, resourceId }) => principalId === principal.id && resourceId === resource.id);
    roles[name] = resource.appRoles
      .filter(({ id }) => granted.some(({ appRoleId }) => appRoleId === id))
      .map(({ value }) => value);
    scopes[name] = directory.grants
      .allSettled(nowMs)
      .filter(
        ({ clientId, resourceId, consentType }) =>
          clientId === principal.id && resourceId === resource.id && consentType === 'AllPrincipals',
      )
      .flatMap(({ scope }) => scope.split(' ').filter((value) => value !== ''));
  }
  return {
    tenantId: directory.tenantId,
    clientId: application.appId,
    servicePrincipalId: principal?.id,
    secrets: application.passwordCredentials.map(({ secretText, endDateTime }) => ({
      text: secretText,
      endsAtMs: Date.parse(endDateTime),
    })),
    expiredSecrets: [],
    certificates: application.keyCredentials.map(({ key, endDateTime }) => {
      const certificate = readCertificate(pemOf(key));
      return { ...certificate, validTo: Math.min(certificate.validTo, Date.parse(endDateTime)) };
    }),
    federated: [...application.federatedIdentityCredentials],
    roles,
    scopes,
    requestedScopes,
    publicClient: application.isFallbackPublicClient === true,
    missingResources,
    enabled: principal?.accountEnabled !== false,
    tokenLifetimeSeconds,
  };
}

function pemOf(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
