import type { Resource } from '../audiences.ts';
import type { Directory } from './directory.ts';
import type { StoredApplication, StoredKey, StoredPassword } from './objects.ts';
import { microsoftResources } from './resources.ts';

/** A permission by the names that people know. */
export interface NamedPermission {
  /** Undefined for a resource that is none of Microsoft's that the simulator has. */
  readonly resource: Resource | undefined;
  /** Such as `Alert.Read.All`; the id of one that the resource does not offer. */
  readonly value: string;
}

/** An application as an administrator sees it: all that the directory has of it. */
export interface RegisteredApplication {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly signInAudience: string;
  readonly publicClient: boolean;
  /** Undefined where it has no service principal. */
  readonly servicePrincipalId: string | undefined;
  readonly enabled: boolean;
  /** What it asks for. */
  readonly asksFor: readonly (NamedPermission & { readonly type: 'Role' | 'Scope' })[];
  /** Application permissions, and delegated ones for everybody, that were granted. */
  readonly granted: readonly NamedPermission[];
  readonly delegated: readonly NamedPermission[];
  /** Times are ISO 8601. */
  readonly secrets: readonly CredentialFacts[];
  readonly certificates: readonly CredentialFacts[];
  readonly federated: readonly FederationFacts[];
  readonly owners: readonly string[];
}

/** What is told of a credential. */
export interface CredentialFacts {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly endDateTime: string;
}

/** What is told of a federated credential. */
export interface FederationFacts {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** Returns all that the directory has of an application, in its last state. */
export function applicationFacts(
  directory: Directory,
  application: StoredApplication,
): RegisteredApplication {
  const principal = directory.latestPrincipalOf(application.appId);
  const appIdOf = (id: string) => directory.servicePrincipals.latest(id)?.appId ?? id;
  const granted = directory.assignments
    .allLatest()
    .filter(({ principalId }) => principalId === principal?.id);
  const delegated = directory.grants
    .allLatest()
    .filter(({ clientId, consentType }) => clientId === principal?.id && consentType === 'AllPrincipals');
  return {
    id: application.id,
    appId: application.appId,
    displayName: application.displayName,
    tags: application.tags,
    notes: application.notes,
    signInAudience: application.signInAudience,
    publicClient: application.isFallbackPublicClient === true,
    servicePrincipalId: principal?.id,
    enabled: principal?.accountEnabled === true,
    asksFor: application.requiredResourceAccess.flatMap(({ resourceAppId, resourceAccess }) =>
      resourceAccess.map(({ id, type }) => ({ ...named(resourceAppId, id, type), type })),
    ),
    granted: granted.map(({ resourceId, appRoleId }) => named(appIdOf(resourceId), appRoleId, 'Role')),
    delegated: delegated.flatMap(({ resourceId, scope }) => {
      const { resource } = named(appIdOf(resourceId), '', 'Scope');
      const values = scope.split(' ').filter((value) => value !== '');
      return values.map((value) => ({ resource, value }));
    }),
    secrets: application.passwordCredentials.map(credentialFacts),
    certificates: application.keyCredentials.map(credentialFacts),
    federated: application.federatedIdentityCredentials,
    owners: application.owners,
  };
}

function named(resourceAppId: string, id: string, type: 'Role' | 'Scope'): NamedPermission {
  const resource = microsoftResources.find(({ appId }) => appId === resourceAppId.toLowerCase());
  const offered = Object.entries((type === 'Role' ? resource?.appRoles : resource?.scopes) ?? {});
  const value = offered.find(([, offeredId]) => offeredId === id.toLowerCase())?.[0] ?? id;
  return { resource: resource?.name, value };
}

function credentialFacts({ keyId, displayName, endDateTime }: StoredKey | StoredPassword): CredentialFacts {
  return { keyId, displayName, endDateTime };
}
