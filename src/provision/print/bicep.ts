import { type Resource, resourceAppIds, resourceNames } from '../../identity/resources.ts';
import type { NeededPermission, NewCredential, Plan, Step } from '../plan.ts';
import {
  byResource,
  credentialName,
  factsOf,
  headline,
  neededByWords,
  oneLine,
  type PlanFacts,
} from './facts.ts';
import type { PrintContext, Printer } from './printer.ts';

/** A file for the Microsoft Graph extension of Bicep, version 1.0. */
export const bicep: Printer = {
  format: 'bicep',
  print(plan, context) {
    const facts = factsOf(plan);
    const blocks = [
      introduction(plan),
      'extension microsoftGraphV1',
      ...parameters(plan),
      ...facts.resources.map((resource) => resourcePrincipal(resource, plan)),
      ...existing(plan, facts),
      ...plan.steps.map((step) => blockOf(step, plan, context)),
      ...(facts.creation === undefined
        ? []
        : ["@description('auth.clientId of the connector')\noutput clientId string = connector.appId"]),
    ];
    return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
  },
};

function introduction(plan: Plan): string {
  return [
    `// ${headline(plan)}`,
    '// bicepconfig.json beside this file names the Microsoft Graph extension, v1.0, as microsoftGraphV1 under',
    '// "extensions" (learn.microsoft.com/graph/templates/bicep). Deploy it into any resource group or subscription of',
    '// this tenant, as an administrator who may register applications and consent to permissions of Microsoft Graph',
    '// (Privileged Role Administrator).',
    ...(plan.application === undefined ? [] : ['// It holds only what the application lacks.']),
    ...(plan.steps.length === 0 ? ['// Nothing is to be done: all is as it should be.'] : []),
  ].join('\n');
}

function parameters({ application, steps }: Plan): readonly string[] {
  const certificate = steps.find(
    (step) => step.kind === 'add-credential' && step.credential.kind === 'certificate',
  );
  if (certificate?.kind !== 'add-credential' || application !== undefined) return [];
  const days = certificate.credential.kind === 'certificate' ? certificate.credential.days : 0;
  return [
    `// Made with its key where the connector runs, in a file that only the connector can read; only the certificate comes here:
// (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days ${days} -subj /CN=defender-siem -keyout app.key -out app.crt && cat app.crt app.key > app.pem && rm app.key)
@description('The certificate without its key: openssl x509 -in app.crt -outform DER | openssl base64 -A')
param certificate string`,
  ];
}

/** Found; where the tenant has none yet, declared, which makes it. */
function resourcePrincipal(resource: Resource, { application, steps }: Plan): string {
  const missing =
    application !== undefined &&
    steps.some((step) => step.kind === 'create-resource-principal' && step.resource === resource);
  const note =
    !missing && steps.some((step) => step.kind === 'create-resource-principal' && step.resource === resource)
      ? `\n// Where the tenant has it not yet: az ad sp create --id ${resourceAppIds[resource]}`
      : '';
  return `// ${resourceNames[resource]}${note}
resource ${resource} 'Microsoft.Graph/servicePrincipals@v1.0' ${missing ? '=' : 'existing ='} {
  appId: '${resourceAppIds[resource]}'
}`;
}

function existing({ application, steps }: Plan, facts: PlanFacts): readonly string[] {
  const spoken = steps.some(({ kind }) => kind === 'grant' || kind === 'grant-delegated');
  if (application === undefined || !facts.findsPrincipal || !spoken) return [];
  return [
    `resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: ${bicepText(application.appId)}
}`,
  ];
}

function blockOf(step: Step, plan: Plan, context: PrintContext): string {
  const isNew = plan.application === undefined;
  switch (step.kind) {
    case 'create-application':
      return createApplication(step, plan, context);
    case 'create-service-principal':
      return `resource connectorPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: ${isNew ? 'connector.appId' : bicepText(plan.application?.appId ?? '')}
}`;
    case 'create-resource-principal':
      return '';
    case 'grant':
      return grant(step.permission);
    case 'grant-delegated':
      return step.values.length === 0
        ? notExpressible(`taking back the delegated permissions of ${resourceNames[step.resource]}`)
        : `resource ${step.resource}Delegated 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: connectorPrincipal.id
  consentType: 'AllPrincipals'
  resourceId: ${step.resource}.id
  scope: ${bicepText(step.values.join(' '))}
}`;
    case 'add-credential':
      return addCredential(step.credential, isNew);
    case 'ask-for':
      return notExpressible(
        `setting the permissions that the application asks for: ${step.permissions.map(({ value }) => value).join(', ')}`,
      );
    case 'allow-public-client':
      return notExpressible('allowing sign-in with a device code');
    case 'allow-other-tenants':
      return notExpressible('allowing the tenants of customers to use the application');
    case 'enable-service-principal':
      return notExpressible('enabling sign-in of the application');
    case 'own-itself':
      return notExpressible(
        'making the application its own owner, so that it can renew its credential (its service principal, which needs the application, would be needed by it)',
      );
    case 'revoke':
      return notExpressible(`taking back ${step.value}, which nothing needs`);
    case 'remove-credential':
      return notExpressible(`removing a ${step.credential.kind} credential`);
    case 'delete-service-principal':
      return notExpressible('deleting the service principal of the application');
    case 'delete-application':
      return notExpressible('deleting the app registration');
  }
}

/** Found again by its unique name, which is its own tag. */
function createApplication(
  step: Extract<Step, { kind: 'create-application' }>,
  plan: Plan,
  context: PrintContext,
): string {
  const certificate = plan.steps.some(
    (other) => other.kind === 'add-credential' && other.credential.kind === 'certificate',
  );
  return [
    "resource connector 'Microsoft.Graph/applications@v1.0' = {",
    `  uniqueName: ${bicepText(step.tags.at(-1) ?? step.displayName)}`,
    `  displayName: ${bicepText(step.displayName)}`,
    `  signInAudience: '${step.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'}'`,
    '  tags: [',
    ...step.tags.map((tag) => `    ${bicepText(tag)}`),
    '  ]',
    ...(step.publicClient ? ['  isFallbackPublicClient: true'] : []),
    '  requiredResourceAccess: [',
    ...byResource(step.permissions).flatMap((group) => [
      '    {',
      `      resourceAppId: ${group.resource}.appId`,
      '      resourceAccess: [',
      ...group.permissions.flatMap((permission) => [
        `        {${comment(permission)}`,
        `          id: ${permissionId(permission)}`,
        `          type: '${permission.type}'`,
        '        }',
      ]),
      '      ]',
      '    }',
    ]),
    '  ]',
    ...(certificate
      ? [
          '  keyCredentials: [',
          '    {',
          "      type: 'AsymmetricX509Cert'",
          "      usage: 'Verify'",
          `      displayName: ${bicepText(credentialName(context))}`,
          '      key: certificate',
          '    }',
          '  ]',
        ]
      : []),
    '}',
  ].join('\n');
}

function addCredential(credential: NewCredential, isNew: boolean): string {
  if (credential.kind === 'secret') {
    return notExpressible('adding a client secret, whose value is told only to who adds it');
  }
  if (!isNew) return notExpressible(`adding a ${credential.kind} credential`);
  if (credential.kind === 'certificate') return ''; // Stands in the application itself.
  const { name, issuer, subject, audiences } = credential.credential;
  return `resource federated 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {
  name: '\${connector.uniqueName}/${bicepText(name).slice(1)}
  description: 'defender-siem'
  audiences: [
${audiences.map((audience) => `    ${bicepText(audience)}`).join('\n')}
  ]
  issuer: ${bicepText(issuer)}
  subject: ${bicepText(subject)}
}`;
}

function grant(permission: NeededPermission): string {
  const { resource, value } = permission;
  return `resource ${resource}${value.replaceAll(/\W+/g, '')} 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {${comment(permission)}
  appRoleId: ${permissionId(permission)}
  principalId: connectorPrincipal.id
  resourceId: ${resource}.id
}`;
}

function permissionId({ resource, value, type }: NeededPermission): string {
  const list = type === 'Role' ? 'appRoles' : 'oauth2PermissionScopes';
  return `filter(${resource}.${list}, offered => offered.value == ${bicepText(value)})[0].id`;
}

function comment(permission: NeededPermission): string {
  const words = neededByWords(permission);
  return words === '' ? '' : ` // ${words}`;
}

function notExpressible(what: string): string {
  return [
    `// To be done elsewhere: ${oneLine(what)}.`,
    '// This extension cannot express it for this application; the same plan with --print azure-cli or graph does it.',
  ].join('\n');
}

/** A string of Bicep. */
function bicepText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll(/\$(?=\{)/g, () => '\\$')
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
  return `'${escaped}'`;
}
