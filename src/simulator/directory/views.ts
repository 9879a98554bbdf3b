import type {
  StoredApplication,
  StoredAssignment,
  StoredFederation,
  StoredGrant,
  StoredKey,
  StoredPassword,
  StoredServicePrincipal,
} from './objects.ts';

/** An object as Graph shows it. */
export type View = Readonly<Record<string, unknown>>;

/** Returns an application as Graph shows it. `withKeys`: its certificates too, which are shown only when selected. */
export function applicationView(application: StoredApplication, withKeys: boolean): View {
  return {
    id: application.id,
    deletedDateTime: null,
    appId: application.appId,
    createdDateTime: application.createdDateTime,
    displayName: application.displayName,
    description: application.description,
    notes: application.notes,
    publisherDomain: 'contoso.example',
    signInAudience: application.signInAudience,
    isFallbackPublicClient: application.isFallbackPublicClient,
    tags: application.tags,
    identifierUris: [],
    web: { redirectUris: [], implicitGrantSettings: {} },
    publicClient: { redirectUris: [] },
    spa: { redirectUris: [] },
    api: { oauth2PermissionScopes: [] },
    appRoles: [],
    ...application.others,
    requiredResourceAccess: application.requiredResourceAccess,
    keyCredentials: application.keyCredentials.map((key) => keyView(key, withKeys)),
    passwordCredentials: application.passwordCredentials.map((secret) => secretView(secret, false)),
  };
}

/** Returns a certificate's entry; `key` is null unless `withKey`. */
export function keyView(key: StoredKey, withKey: boolean): View {
  return { ...key, key: withKey ? key.key : null };
}

/** Returns a client secret's entry; its text is told only when it is made. */
export function secretView(secret: StoredPassword, withText: boolean): View {
  return { customKeyIdentifier: null, ...secret, secretText: withText ? secret.secretText : null };
}

/** Returns a service principal as Graph shows it. */
export function servicePrincipalView(principal: StoredServicePrincipal): View {
  return {
    id: principal.id,
    deletedDateTime: null,
    accountEnabled: principal.accountEnabled,
    appId: principal.appId,
    appDisplayName: principal.displayName,
    appOwnerOrganizationId: principal.homeTenantId,
    appRoleAssignmentRequired: principal.appRoleAssignmentRequired,
    createdDateTime: principal.createdDateTime,
    displayName: principal.displayName,
    notes: principal.notes,
    servicePrincipalNames: [principal.appId],
    servicePrincipalType: 'Application',
    tags: principal.tags,
    appRoles: principal.appRoles.map(({ id, value }) => ({
      allowedMemberTypes: ['Application'],
      description: `Allows the app to use ${value}.`,
      displayName: value,
      id,
      isEnabled: true,
      origin: 'Application',
      value,
    })),
    oauth2PermissionScopes: principal.scopes.map(({ id, value }) => ({
      adminConsentDescription: `Allows the app to use ${value} for the signed-in user.`,
      adminConsentDisplayName: value,
      id,
      isEnabled: true,
      type: 'Admin',
      userConsentDescription: null,
      userConsentDisplayName: null,
      value,
    })),
    keyCredentials: [],
    passwordCredentials: [],
  };
}

/** Returns a granted application permission as Graph shows it, with the names of both sides. */
export function assignmentView(
  assignment: StoredAssignment,
  nameOf: (servicePrincipalId: string) => string | null,
): View {
  return {
    id: assignment.id,
    deletedDateTime: null,
    appRoleId: assignment.appRoleId,
    createdDateTime: assignment.createdDateTime,
    principalDisplayName: nameOf(assignment.principalId),
    principalId: assignment.principalId,
    principalType: 'ServicePrincipal',
    resourceDisplayName: nameOf(assignment.resourceId),
    resourceId: assignment.resourceId,
  };
}

/** Returns granted delegated permissions as Graph shows them. */
export function grantView({ id, clientId, consentType, principalId, resourceId, scope }: StoredGrant): View {
  return { clientId, consentType, id, principalId, resourceId, scope };
}

/** Returns a federated credential as Graph shows it. */
export function federationView(credential: StoredFederation): View {
  return { ...credential };
}
