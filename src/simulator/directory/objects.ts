/** A certificate of an application, as stored. Times are ISO 8601. */
export interface StoredKey {
  readonly keyId: string;
  readonly displayName: string;
  /** SHA-1 of the certificate in hexadecimal digits, unless the caller chose another text. */
  readonly customKeyIdentifier: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly type: 'AsymmetricX509Cert';
  readonly usage: 'Verify' | 'Sign';
  /** Base64 of the certificate's DER. */
  readonly key: string;
}

/** A client secret of an application, as stored. Times are ISO 8601. */
export interface StoredPassword {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly hint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly secretText: string;
}

/** A trust in the tokens of another issuer, as stored. */
export interface StoredFederation {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly description: string | null;
}

/** What an application asks of one resource. */
export interface RequiredResource {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: 'Role' | 'Scope' }[];
}

/** An app registration, as stored. */
export interface StoredApplication {
  readonly id: string;
  readonly appId: string;
  readonly createdDateTime: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly notes: string | null;
  readonly signInAudience: string;
  readonly isFallbackPublicClient: boolean | null;
  readonly tags: readonly string[];
  readonly requiredResourceAccess: readonly RequiredResource[];
  readonly keyCredentials: readonly StoredKey[];
  readonly passwordCredentials: readonly StoredPassword[];
  readonly federatedIdentityCredentials: readonly StoredFederation[];
  /** Object ids of people and service principals. */
  readonly owners: readonly string[];
  /** Properties that are kept as they were sent: `web`, `publicClient`, `identifierUris` and the like. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** A permission that a resource offers. */
export interface StoredPermission {
  readonly id: string;
  readonly value: string;
}

/** An application's or resource's presence in the tenant, as stored. */
export interface StoredServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly createdDateTime: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly appRoleAssignmentRequired: boolean;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly appRoles: readonly StoredPermission[];
  readonly scopes: readonly StoredPermission[];
  /** Directory id of the application's home. */
  readonly homeTenantId: string;
}

/** An application permission that was granted, as stored. */
export interface StoredAssignment {
  readonly id: string;
  readonly createdDateTime: string;
  readonly appRoleId: string;
  /** Object ids of the service principals of the client and of the resource. */
  readonly principalId: string;
  readonly resourceId: string;
}

/** Delegated permissions of one resource that were granted to a client, as stored. */
export interface StoredGrant {
  readonly id: string;
  readonly clientId: string;
  readonly consentType: 'AllPrincipals' | 'Principal';
  readonly principalId: string | null;
  readonly resourceId: string;
  /** Names, separated by spaces. */
  readonly scope: string;
}
