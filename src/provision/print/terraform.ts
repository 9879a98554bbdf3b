import type { CloudName } from '../../identity/clouds.ts';
import { type Resource, resourceAppIds, resourceNames } from '../../identity/resources.ts';
import type { NeededPermission, Plan, Step } from '../plan.ts';
import { byResource, factsOf, headline, neededByWords, oneLine, type PlanFacts } from './facts.ts';
import { hclText } from './hcl-text.ts';
import type { PrintContext, Printer } from './printer.ts';
import { terraformCredential } from './terraform-credentials.ts';

/** A Terraform module of the azuread provider, version 3. */
export const terraform: Printer = {
  format: 'terraform',
  print(plan, context) {
    const facts = factsOf(plan);
    const blocks = [
      provider(plan, context),
      ...facts.resources.map(resourcePrincipal),
      ...existing(plan, facts),
      ...plan.steps.map((step) => blockOf(step, plan, context)),
      ...(facts.deletes ? [] : [outputs(facts)]),
    ];
    return `${[introduction(plan), ...blocks.filter((block) => block !== '')].join('\n\n')}\n`;
  },
};

const environments: Readonly<Record<CloudName, string>> = {
  commercial: 'global',
  gcc: 'global',
  'gcc-high': 'usgovernment',
  dod: 'usgovernmentl5',
};

function introduction(plan: Plan): string {
  return [
    `# ${headline(plan)}`,
    '# Apply it as an administrator who may register applications and consent to permissions of Microsoft Graph',
    '# (Privileged Role Administrator), or as an application with Application.ReadWrite.All and',
    '# AppRoleAssignment.ReadWrite.All.',
    ...(plan.application === undefined
      ? []
      : ['# It holds only what the application lacks. What is there stays outside of the state.']),
    ...(plan.steps.length === 0 ? ['# Nothing is to be done: all is as it should be.'] : []),
  ].join('\n');
}

function provider({ tenantId }: Plan, { endpoints }: PrintContext): string {
  return `terraform {
  required_version = ">= 1.5"

  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "~> 3.0"
    }
  }
}

provider "azuread" {
  tenant_id   = ${hclText(tenantId)}
  environment = "${environments[endpoints.cloud]}"
}`;
}

function resourcePrincipal(resource: Resource): string {
  return `# ${resourceNames[resource]}, which the whole tenant shares: before terraform destroy, terraform state rm it
resource "azuread_service_principal" "${resource}" {
  client_id    = "${resourceAppIds[resource]}"
  use_existing = true

  lifecycle {
    prevent_destroy = true
  }
}`;
}

/** What is there and is spoken of. */
function existing({ application, steps }: Plan, facts: PlanFacts): readonly string[] {
  if (application === undefined || steps.length === 0) return [];
  const client = hclText(application.appId);
  const enabled = steps.some(({ kind }) => kind === 'enable-service-principal');
  return [
    `data "azuread_application" "connector" {\n  client_id = ${client}\n}`,
    ...(facts.findsPrincipal && !enabled
      ? [`data "azuread_service_principal" "connector" {\n  client_id = ${client}\n}`]
      : []),
  ];
}

/** Returns what speaks of the application: made here, or there already. */
function applicationOf({ application }: Plan): string {
  return application === undefined ? 'azuread_application.connector' : 'data.azuread_application.connector';
}

function principalOf(plan: Plan): string {
  const managed = plan.steps.some(
    ({ kind }) => kind === 'create-service-principal' || kind === 'enable-service-principal',
  );
  return managed ? 'azuread_service_principal.connector' : 'data.azuread_service_principal.connector';
}

function blockOf(step: Step, plan: Plan, context: PrintContext): string {
  switch (step.kind) {
    case 'create-application':
      return createApplication(step, plan);
    case 'ask-for':
      return byResource(step.permissions)
        .map((group) => apiAccess(group.resource, group.permissions, plan))
        .join('\n\n');
    case 'allow-public-client':
      return `resource "azuread_application_fallback_public_client" "connector" {
  application_id = ${applicationOf(plan)}.id
  enabled        = true
}`;
    case 'create-service-principal':
      return servicePrincipal(plan);
    case 'enable-service-principal':
      return plan.steps.some(({ kind }) => kind === 'create-service-principal') ? '' : servicePrincipal(plan);
    // `use_existing` finds it or makes it.
    case 'create-resource-principal':
      return '';
    case 'grant':
      return grant(step.permission, plan);
    case 'grant-delegated':
      return `resource "azuread_service_principal_delegated_permission_grant" "${step.resource}" {
  service_principal_object_id          = ${principalOf(plan)}.object_id
  resource_service_principal_object_id = azuread_service_principal.${step.resource}.object_id
  claim_values                         = [${step.values.map(hclText).join(', ')}]
}`;
    case 'allow-other-tenants':
      return notExpressible(
        'allowing the tenants of customers to use the application, which is there already',
      );
    case 'own-itself':
      return `# It may renew its own credential.
resource "azuread_application_owner" "itself" {
  application_id  = ${applicationOf(plan)}.id
  owner_object_id = ${principalOf(plan)}.object_id
}`;
    case 'add-credential':
      return terraformCredential(step.credential, applicationOf(plan), context);
    case 'revoke':
      return notExpressible(`taking back ${step.value}, which nothing needs`);
    case 'remove-credential':
      return notExpressible(`removing ${removedName(step)}`);
    case 'delete-service-principal':
      return notExpressible('deleting the service principal of the application');
    case 'delete-application':
      return notExpressible('deleting the app registration');
  }
}

function createApplication(step: Extract<Step, { kind: 'create-application' }>, plan: Plan): string {
  const ownsItself = plan.steps.some(({ kind }) => kind === 'own-itself');
  return [
    'resource "azuread_application" "connector" {',
    `  display_name                   = ${hclText(step.displayName)}`,
    `  sign_in_audience               = "${step.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'}"`,
    `  tags                           = [${step.tags.map(hclText).join(', ')}]`,
    `  fallback_public_client_enabled = ${step.publicClient}`,
    ...byResource(step.permissions).flatMap((group) => [
      '',
      '  required_resource_access {',
      `    resource_app_id = azuread_service_principal.${group.resource}.client_id`,
      ...group.permissions.flatMap((permission) => [
        '',
        `    resource_access {${comment(permission)}`,
        `      id   = ${permissionId(permission)}`,
        `      type = "${permission.type}"`,
        '    }',
      ]),
      '  }',
    ]),
    ...(ownsItself
      ? [
          '',
          '  # azuread_application_owner.itself adds one',
          '  lifecycle {',
          '    ignore_changes = [owners]',
          '  }',
        ]
      : []),
    '}',
  ].join('\n');
}

function apiAccess(resource: Resource, permissions: readonly NeededPermission[], plan: Plan): string {
  const ids = (type: NeededPermission['type']) =>
    permissions.filter((permission) => permission.type === type).map(permissionId);
  const list = (key: string, of: readonly string[]) =>
    of.length === 0 ? [] : [`  ${key} = [`, ...of.map((id) => `    ${id},`), '  ]'];
  return [
    '# Where the application asks for permissions of this resource already, take that over first:',
    `# terraform import azuread_application_api_access.${resource} /applications/${plan.application?.id ?? 'OBJECT_ID'}/apiAccess/${resourceAppIds[resource]}`,
    `resource "azuread_application_api_access" "${resource}" {`,
    `  application_id = ${applicationOf(plan)}.id`,
    `  api_client_id  = azuread_service_principal.${resource}.client_id`,
    ...list('role_ids', ids('Role')),
    ...list('scope_ids', ids('Scope')),
    '}',
  ].join('\n');
}

function servicePrincipal(plan: Plan): string {
  const there = !plan.steps.some(({ kind }) => kind === 'create-service-principal');
  return [
    'resource "azuread_service_principal" "connector" {',
    `  client_id       = ${applicationOf(plan)}.client_id`,
    '  account_enabled = true',
    ...(there ? ['  use_existing    = true'] : []),
    '}',
  ].join('\n');
}

function grant(permission: NeededPermission, plan: Plan): string {
  const { resource, value } = permission;
  const name = `${resource}_${value.replaceAll(/\W+/g, '_').toLowerCase()}`;
  return `resource "azuread_app_role_assignment" "${name}" {${comment(permission)}
  app_role_id         = ${permissionId(permission)}
  principal_object_id = ${principalOf(plan)}.object_id
  resource_object_id  = azuread_service_principal.${resource}.object_id
}`;
}

function permissionId({ resource, value, type }: NeededPermission): string {
  const list = type === 'Role' ? 'app_role_ids' : 'oauth2_permission_scope_ids';
  return `azuread_service_principal.${resource}.${list}[${hclText(value)}]`;
}

function comment(permission: NeededPermission): string {
  const words = neededByWords(permission);
  return words === '' ? '' : ` # ${words}`;
}

function removedName({ credential }: Extract<Step, { kind: 'remove-credential' }>): string {
  switch (credential.kind) {
    case 'certificate':
      return `the certificate ${credential.key.displayName ?? credential.key.keyId}`;
    case 'secret':
      return `the client secret ${credential.password.displayName ?? credential.password.keyId}`;
    case 'federated':
      return `the federated credential ${credential.federated.name}`;
  }
}

function notExpressible(what: string): string {
  return [
    `# To be done elsewhere: ${oneLine(what)}.`,
    '# Terraform changes and removes only what is in its state; the same plan with --print azure-cli or graph does it.',
  ].join('\n');
}

function outputs({ creation }: PlanFacts): string {
  if (creation === undefined) return '';
  return `# auth.clientId of the connector
output "client_id" {
  value = azuread_application.connector.client_id
}`;
}
