import { noPermissions, type Registration, type Registrations } from './registration.ts';

/** Microsoft Graph Command Line Tools, and the Azure CLI (API reference §11.2). */
export const graphCommandLine = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
export const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** What Microsoft lets the Azure CLI do on Graph without asking anybody; it can ask for nothing else. */
const azureCliScopes = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'AuditLog.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Directory.AccessAsUser.All',
  'Group.ReadWrite.All',
  'User.Read.All',
  'User.ReadWrite.All',
];

/** Returns Microsoft's public clients with which a person signs in where there is no registration yet. */
export function wellKnownPublicClients(tenantId: string, tokenLifetimeSeconds: number): Registrations {
  const clients = [
    client(tenantId, graphCommandLine, [], tokenLifetimeSeconds),
    client(tenantId, azureCli, azureCliScopes, tokenLifetimeSeconds),
  ];
  return {
    find: (clientId) => clients.find((known) => known.clientId === clientId.toLowerCase()),
  };
}

function client(
  tenantId: string,
  clientId: string,
  graphScopes: readonly string[],
  tokenLifetimeSeconds: number,
): Registration {
  return {
    tenantId,
    clientId,
    servicePrincipalId: clientId.replace(/^.{8}/, '0b1ec700'),
    secrets: [],
    expiredSecrets: [],
    certificates: [],
    federated: [],
    roles: noPermissions(),
    scopes: { ...noPermissions(), graph: graphScopes },
    requestedScopes: noPermissions(),
    publicClient: true,
    missingResources: [],
    enabled: true,
    tokenLifetimeSeconds,
  };
}
