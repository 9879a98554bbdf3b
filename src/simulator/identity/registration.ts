import type { Resource } from '../audiences.ts';
import type { RegisteredCertificate } from '../jwt.ts';

/** A client secret: the text alone has no end. */
export type RegisteredSecret = string | { readonly text: string; readonly endsAtMs: number };

/** A trust in tokens of another issuer; Entra compares all three character by character. */
export interface FederatedTrust {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** An application as it is registered in the tenant; tests change it as an administrator would. */
export interface Registration {
  readonly tenantId: string;
  readonly clientId: string;
  /** Object id of its service principal; undefined where the tenant has none (AADSTS7000229). */
  servicePrincipalId: string | undefined;
  /** Client secrets. Those that have ended are refused with AADSTS7000222, unknown ones with 7000215. */
  secrets: RegisteredSecret[];
  /** Secrets that were valid once. */
  expiredSecrets: string[];
  certificates: RegisteredCertificate[];
  federated: FederatedTrust[];
  /** Application permissions that were granted. */
  roles: Record<Resource, readonly string[]>;
  /** Delegated permissions that were granted for everybody. */
  scopes: Record<Resource, readonly string[]>;
  /** Delegated permissions that it asks for in its registration: what `/.default` asks the person for. */
  requestedScopes: Record<Resource, readonly string[]>;
  /** Takes device codes and refresh tokens without a credential of its own. */
  publicClient: boolean;
  /** Resources without a service principal in this tenant. */
  missingResources: Resource[];
  enabled: boolean;
  tokenLifetimeSeconds: number;
}

/** The applications that a tenant knows. */
export interface Registrations {
  /** Returns the application with this client id, in whatever case, as it is at `nowMs`; undefined where there is none. */
  find(clientId: string, nowMs: number): Registration | undefined;
}

/** Returns the applications of several lists; of two with the same client id, that of the first list. */
export function registrationsOf(...lists: readonly Registrations[]): Registrations {
  return {
    find(clientId, nowMs) {
      for (const list of lists) {
        const found = list.find(clientId, nowMs);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Returns the list that holds this one application. */
export function onlyRegistration(registration: Registration): Registrations {
  return {
    find: (clientId) =>
      clientId.toLowerCase() === registration.clientId.toLowerCase() ? registration : undefined,
  };
}

/** Returns permissions for no resource, to be filled in. */
export function noPermissions(): Record<Resource, readonly string[]> {
  return { graph: [], defender: [], xdr: [], siem: [], monitor: [] };
}

/** What the ready-made application is registered with. */
export interface ReadyMade {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenLifetimeSeconds: number;
}

/** Returns an application with a secret, and the permissions that every source needs. */
export function readyMadeRegistration(ready: ReadyMade): Registration {
  return {
    tenantId: ready.tenantId,
    clientId: ready.clientId,
    servicePrincipalId: '0b1ec700-5151-4000-8000-000000000001',
    secrets: [ready.clientSecret],
    expiredSecrets: [],
    certificates: [],
    federated: [],
    roles: usualRoles(),
    scopes: noPermissions(),
    requestedScopes: noPermissions(),
    publicClient: false,
    missingResources: [],
    enabled: true,
    tokenLifetimeSeconds: ready.tokenLifetimeSeconds,
  };
}

/** Returns the application permissions that every source needs. */
export function usualRoles(): Record<Resource, readonly string[]> {
  return {
    graph: ['SecurityAlert.Read.All', 'SecurityIncident.Read.All', 'ThreatHunting.Read.All'],
    defender: ['Alert.Read.All', 'Machine.Read.All', 'AdvancedQuery.Read.All'],
    xdr: ['Incident.Read.All', 'AdvancedHunting.Read.All'],
    siem: [],
    monitor: [],
  };
}
