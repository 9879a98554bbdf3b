import type { NeededPermission, Plan, Step } from '../../../src/provision/plan.ts';
import { planProvision } from '../../../src/provision/planning.ts';
import type { PrintContext } from '../../../src/provision/print/printer.ts';
import { nothingThere } from '../../../src/provision/state.ts';

/** When the plans of the tests are printed. */
export const context: PrintContext = {
  endpoints: {
    cloud: 'commercial',
    authority: 'https://login.microsoftonline.com',
    origins: {
      graph: 'https://graph.microsoft.com',
      defender: 'https://api.security.microsoft.com',
      xdr: 'https://api.security.microsoft.com',
      siem: 'https://wdatp-alertexporter-eu.windows.com',
    },
  },
  nowMs: Date.parse('2026-11-02T12:00:00Z'),
};

export const tenantId = '51515151-0000-4000-8000-7e4a4700c0de';

/** A name that every language has a special character of. */
export const hostileName = `O'Brien's "SIEM" \${HOME} $(id) \`id\` %{x} \\ @é;\n# end`;

const permission = (
  resource: NeededPermission['resource'],
  value: string,
  type: NeededPermission['type'] = 'Role',
): NeededPermission => ({
  resource,
  value,
  type,
  neededBy: [`source ${value.split('.')[0]?.toLowerCase()}`],
});

/** What the sources of the tests need. */
export const permissions: readonly NeededPermission[] = [
  permission('graph', 'SecurityAlert.Read.All'),
  permission('graph', 'SecurityIncident.Read.All'),
  permission('defender', 'Alert.Read.All'),
];

const desired = {
  tenant: 'contoso',
  tenantId,
  displayName: 'defender-siem',
  tags: ['defender-siem', 'defender-siem:default'],
  permissions,
  publicClient: false,
  multiTenant: false,
  ownsItself: false,
  credential: { kind: 'certificate', days: 365 },
  lostSecrets: [],
} as const;
const options = { repair: false, nowMs: context.nowMs };

/** A plan from nothing, as it is without any sign-in. */
export function planFromNothing(changes: Partial<Parameters<typeof planProvision>[1]> = {}): Plan {
  return planProvision(nothingThere, { ...desired, ...changes }, options).plan;
}

const delegated: readonly NeededPermission[] = [
  permission('graph', 'SecurityAlert.Read.All', 'Scope'),
  permission('defender', 'Alert.Read', 'Scope'),
];

const application = {
  appId: '22222222-0000-4000-8000-000000000002',
  id: '33333333-0000-4000-8000-000000000003',
  displayName: 'defender-siem',
};

const keyOf = (keyId: string) => ({
  keyId,
  displayName: 'CN=old',
  startDateTime: '2025-01-01T00:00:00Z',
  endDateTime: '2026-01-01T00:00:00Z',
  customKeyIdentifier: undefined,
  raw: { keyId },
});

/** What can be wrong with an application that is there, all at once. */
const repair: readonly Step[] = [
  { kind: 'create-resource-principal', resource: 'xdr' },
  { kind: 'ask-for', permissions },
  { kind: 'allow-public-client' },
  { kind: 'allow-other-tenants' },
  { kind: 'enable-service-principal' },
  {
    kind: 'remove-credential',
    credential: { kind: 'certificate', key: keyOf('44444444-0000-4000-8000-000000000004') },
  },
  {
    kind: 'remove-credential',
    credential: {
      kind: 'secret',
      password: { ...keyOf('44444444-0000-4000-8000-000000000005'), displayName: 'old', hint: 'abc' },
    },
  },
  {
    kind: 'remove-credential',
    credential: {
      kind: 'federated',
      federated: {
        id: '44444444-0000-4000-8000-000000000006',
        name: "it's-old",
        issuer: 'https://oidc.example/old',
        subject: 'system:serviceaccount:siem:old',
        audiences: ['api://AzureADTokenExchange'],
      },
    },
  },
  { kind: 'add-credential', credential: { kind: 'certificate', days: 90 } },
  { kind: 'own-itself' },
  { kind: 'grant', permission: permission('xdr', 'Incident.Read.All') },
  {
    kind: 'revoke',
    resource: 'defender',
    value: 'Alert.ReadWrite.All',
    assignment: {
      id: 'assignment-1',
      appRoleId: '0f7000ec-157b-497f-b70e-ef0b0584f140',
      principalId: '66666666-0000-4000-8000-000000000006',
      resourceId: '77777777-0000-4000-8000-000000000007',
    },
  },
  {
    kind: 'revoke',
    resource: undefined,
    value: '88888888-0000-4000-8000-000000000008',
    assignment: {
      id: 'assignment-2',
      appRoleId: '88888888-0000-4000-8000-000000000008',
      principalId: '66666666-0000-4000-8000-000000000006',
      resourceId: '99999999-0000-4000-8000-000000000009',
    },
  },
];

const existing = { tenant: 'contoso', tenantId, application };

/** Every kind of step, in plans as they come about. */
export const plans: Readonly<Record<string, Plan>> = {
  'from-nothing': planFromNothing(),
  'secret-that-owns-itself': planFromNothing({
    credential: { kind: 'secret', days: 180 },
    ownsItself: true,
    multiTenant: true,
  }),
  'hostile-names': planFromNothing({
    displayName: hostileName,
    tags: ['defender-siem', "it's ${mine}"],
    credential: {
      kind: 'federated',
      credential: {
        name: 'k8s-prod',
        issuer: "https://oidc.example/it's",
        subject: 'system:serviceaccount:siem:${me}',
        audiences: ['api://AzureADTokenExchange'],
      },
    },
  }),
  person: planFromNothing({ permissions: delegated, publicClient: true, credential: undefined }),
  'missing-grants': {
    ...existing,
    steps: permissions.slice(1).map((one) => ({ kind: 'grant', permission: one })),
  },
  repair: { ...existing, steps: repair },
  deprovision: { ...existing, steps: [{ kind: 'delete-service-principal' }, { kind: 'delete-application' }] },
  nothing: { ...existing, steps: [] },
};
