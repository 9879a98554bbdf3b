import type { Resource } from '../identity/resources.ts';
import type {
  AppRoleAssignment,
  FederatedCredential,
  KeyCredential,
  PasswordCredential,
} from './directory.ts';

/** A permission that something of the configuration needs. */
export interface NeededPermission {
  readonly resource: Resource;
  /** Such as `SecurityAlert.Read.All`. */
  readonly value: string;
  readonly type: 'Role' | 'Scope';
  /** What needs it, as the configuration names it: `source alerts`, `response`, `rotation`. */
  readonly neededBy: readonly string[];
}

/** A credential that is to be added. Lifetimes in days. */
export type NewCredential =
  | { readonly kind: 'certificate'; readonly days: number }
  | { readonly kind: 'secret'; readonly days: number }
  | { readonly kind: 'federated'; readonly credential: FederatedCredential };

/** One thing to do in the directory. A plan's steps stand in the order in which they must be done. */
export type Step =
  | {
      readonly kind: 'create-application';
      readonly displayName: string;
      readonly tags: readonly string[];
      readonly permissions: readonly NeededPermission[];
      /** A public client, for sign-in with a device code. */
      readonly publicClient: boolean;
      readonly multiTenant: boolean;
    }
  /** Sets what the application asks for, in place of what it asks for now. */
  | { readonly kind: 'ask-for'; readonly permissions: readonly NeededPermission[] }
  | { readonly kind: 'allow-public-client' }
  /** Lets the tenants of customers use the application too. */
  | { readonly kind: 'allow-other-tenants' }
  | { readonly kind: 'create-service-principal' }
  | { readonly kind: 'enable-service-principal' }
  /** A resource without a service principal in this tenant: made on the spot where the tenant may. */
  | { readonly kind: 'create-resource-principal'; readonly resource: Resource }
  /** Grants an application permission: admin consent. */
  | { readonly kind: 'grant'; readonly permission: NeededPermission }
  /** Grants delegated permissions of one resource for all users. */
  | { readonly kind: 'grant-delegated'; readonly resource: Resource; readonly values: readonly string[] }
  /** Takes back an application permission that nothing needs (`--repair`). */
  | {
      readonly kind: 'revoke';
      readonly resource: Resource | undefined;
      /** The permission's name, else its id. */
      readonly value: string;
      readonly assignment: AppRoleAssignment;
    }
  | { readonly kind: 'own-itself' }
  | { readonly kind: 'add-credential'; readonly credential: NewCredential }
  | {
      readonly kind: 'remove-credential';
      readonly credential:
        | { readonly kind: 'certificate'; readonly key: KeyCredential }
        | { readonly kind: 'secret'; readonly password: PasswordCredential }
        | { readonly kind: 'federated'; readonly federated: FederatedCredential };
    }
  | { readonly kind: 'delete-service-principal' }
  | { readonly kind: 'delete-application' };

/** What is to be done to one app registration of one tenant; no steps when all is as it should be. */
export interface Plan {
  /** The tenant's name in the configuration. */
  readonly tenant: string;
  /** Directory id as configured: a GUID or a domain. */
  readonly tenantId: string;
  /** Client id and object id of the application; undefined while it is still to be made. */
  readonly application:
    | { readonly appId: string; readonly id: string; readonly displayName: string }
    | undefined;
  readonly steps: readonly Step[];
}
