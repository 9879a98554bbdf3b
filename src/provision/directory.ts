/** A certificate that an application knows, as the directory tells of it. */
export interface KeyCredential {
  readonly keyId: string;
  readonly displayName: string | undefined;
  /** ISO 8601. */
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** Base64 of the certificate's SHA-1 or SHA-256, or the text that was given when it was added. */
  readonly customKeyIdentifier: string | undefined;
  /** All that was read, sent back as it is when others are added beside it: the array replaces all (reference §11.4). */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A client secret that an application has; its value is told once, when it is added. */
export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | undefined;
  /** ISO 8601. */
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** The first characters of the secret. */
  readonly hint: string | undefined;
}

/** A trust in tokens of another issuer. */
export interface FederatedCredential {
  /** Undefined for one that is still to be added. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** A permission that an application asks for: an app role (`Role`) or a delegated scope (`Scope`) of a resource. */
export interface ResourceAccess {
  readonly id: string;
  readonly type: 'Role' | 'Scope';
}

/** What an application asks of one resource. */
export interface RequiredResourceAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly ResourceAccess[];
}

/** An app registration. `id` is its object id, `appId` its client id. */
export interface Application {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly tags: readonly string[];
  readonly signInAudience: string;
  readonly isFallbackPublicClient: boolean;
  readonly requiredResourceAccess: readonly RequiredResourceAccess[];
  readonly keyCredentials: readonly KeyCredential[];
  readonly passwordCredentials: readonly PasswordCredential[];
}

/** What can be set of an app registration; what is left out stays. */
export interface ApplicationChange {
  readonly displayName?: string;
  readonly tags?: readonly string[];
  readonly notes?: string;
  readonly signInAudience?: 'AzureADMyOrg' | 'AzureADMultipleOrgs';
  readonly isFallbackPublicClient?: boolean;
  readonly requiredResourceAccess?: readonly RequiredResourceAccess[];
  /** Replaces all: those to keep as read (`raw`), new ones with `type`, `usage`, `displayName` and `key`. */
  readonly keyCredentials?: readonly Readonly<Record<string, unknown>>[];
}

/** A permission that a resource offers. */
export interface OfferedPermission {
  readonly id: string;
  /** Such as `SecurityAlert.Read.All`. */
  readonly value: string;
}

/** An application's presence in the tenant; of a resource, with the permissions that it offers. */
export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly appRoles: readonly OfferedPermission[];
  readonly delegatedScopes: readonly OfferedPermission[];
}

/** An application permission that was granted. */
export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly principalId: string;
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
}

/** Delegated permissions that were granted for all users of the tenant; `scope` holds names, separated by spaces. */
export interface DelegatedGrant {
  readonly id: string;
  readonly clientId: string;
  readonly resourceId: string;
  readonly scope: string;
}

/**
 * The tenant's directory, as Microsoft Graph lets it be read and changed (reference §11.4). Every call waits out
 * throttling and the seconds in which an object just made is not known everywhere yet; it throws a `ConnectorError`
 * that names the call, Graph's own code, and what to do: PERMISSION_MISSING for what the signed-in identity may not,
 * API_FAILED and API_UNREACHABLE for the rest.
 */
export interface Directory {
  /** Returns the applications that carry this tag. */
  taggedApplications(tag: string): Promise<readonly Application[]>;
  /** Returns the application with this client id; undefined when there is none. */
  application(appId: string): Promise<Application | undefined>;
  createApplication(fields: ApplicationChange & { readonly displayName: string }): Promise<Application>;
  updateApplication(id: string, change: ApplicationChange): Promise<void>;
  deleteApplication(id: string): Promise<void>;
  /** Returns the service principal of an application or resource; undefined when the tenant has none. */
  servicePrincipal(appId: string): Promise<ServicePrincipal | undefined>;
  /** Creates it; returns the one there is when there is one. */
  createServicePrincipal(appId: string): Promise<ServicePrincipal>;
  /** Enables or disables sign-in. */
  enableServicePrincipal(id: string, enabled: boolean): Promise<void>;
  deleteServicePrincipal(id: string): Promise<void>;
  /** Returns the application permissions that a client's service principal has. */
  assignments(principalId: string): Promise<readonly AppRoleAssignment[]>;
  /** Grants one; one that is there already is fine. */
  assign(grant: Omit<AppRoleAssignment, 'id'>): Promise<void>;
  unassign(assignment: AppRoleAssignment): Promise<void>;
  /** Returns the delegated permissions that a client's service principal has for all users. */
  delegatedGrants(clientPrincipalId: string): Promise<readonly DelegatedGrant[]>;
  /** Sets them for one resource, in place of those it had; empty `scope` takes them away. */
  grantDelegated(grant: Omit<DelegatedGrant, 'id'>): Promise<void>;
  /** Adds a client secret that ends at `endDateTime`, ISO 8601; its value is told only here. */
  addPassword(
    applicationId: string,
    secret: { readonly displayName: string; readonly endDateTime: string },
  ): Promise<{ readonly keyId: string; readonly secretText: string; readonly endDateTime: string }>;
  removePassword(applicationId: string, keyId: string): Promise<void>;
  federatedCredentials(applicationId: string): Promise<readonly FederatedCredential[]>;
  addFederatedCredential(applicationId: string, credential: FederatedCredential): Promise<void>;
  removeFederatedCredential(applicationId: string, id: string): Promise<void>;
  /** Object ids of the owners of an application. */
  owners(applicationId: string): Promise<readonly string[]>;
  /** Makes a service principal an owner, so that it may rotate its own credentials. */
  addOwner(applicationId: string, servicePrincipalId: string): Promise<void>;
  /** Id of the directory and its verified domains, for messages; undefined where the caller may not read them. */
  organisation(): Promise<{ readonly id: string; readonly displayName: string } | undefined>;
}
