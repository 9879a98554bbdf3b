import { resourceAppIds, resourceNames } from '../../identity/resources.ts';
import type { NeededPermission, Plan, Step } from '../plan.ts';
import { addCredential, removeCredential } from './azure-cli-credentials.ts';
import { functionsFor } from './azure-cli-functions.ts';
import { byResource, factsOf, headline, neededByWords, type PlanFacts } from './facts.ts';
import type { PrintContext, Printer } from './printer.ts';
import { shellQuote } from './shell-quote.ts';

/**
 * A shell script for a signed-in Azure CLI (POSIX, `az rest` for all: `az ad app create` cannot set the tag by which the
 * next run finds the application). Ids are looked up by name where it runs; a second run changes nothing.
 */
export const azureCli: Printer = {
  format: 'azure-cli',
  print(plan, context) {
    const facts = factsOf(plan);
    const { cloud } = context.endpoints;
    const steps = plan.steps.flatMap((step) => ['', ...linesOf(step, context)]);
    const work = [
      ...signedInCheck,
      ...applicationLookUp(plan, facts),
      ...(steps.length === 0 ? ['', "say 'nothing is to be done: all is as it should be'"] : steps),
      ...(facts.deletes ? [] : ending),
    ];
    return [
      '#!/bin/sh',
      `# ${headline(plan)}`,
      '# Run it with a signed-in Azure CLI (az login --allow-no-subscriptions) as an administrator who may register',
      '# applications and consent to permissions of Microsoft Graph (Privileged Role Administrator).',
      '# A second run changes nothing, and one that was cut off is finished by the next.',
      'set -eu',
      'umask 077',
      ...(cloud === 'gcc-high' || cloud === 'dod'
        ? ['# This tenant is in the cloud for the US government: az cloud set --name AzureUSGovernment']
        : []),
      '',
      `graph=${shellQuote(context.endpoints.origins.graph)}`,
      `tenant=${shellQuote(plan.tenantId)}`,
      ...functionsFor(work),
      '',
      ...work,
      '',
    ].join('\n');
  },
};

const signedInCheck = [
  'signed_in=$(az account show --query tenantId --output tsv)',
  'case $tenant in',
  '  *.*) ;;',
  '  "$signed_in") ;;',
  '  *)',
  '    say "the Azure CLI is signed in to the tenant $signed_in: run az login --tenant $tenant --allow-no-subscriptions"',
  '    exit 1',
  '    ;;',
  'esac',
];

const ending = [
  '',
  'say "the application (client) id, auth.clientId of the connector, is $app_id"',
  'printf \'%s\\n\' "$app_id"',
];

/** Sets `application`, `app_id` and `principal` of what is there; the steps set those of what they make. */
function applicationLookUp({ application }: Plan, facts: PlanFacts): readonly string[] {
  if (application === undefined) return [];
  const { appId } = application;
  const found = [
    '',
    `app_id=${shellQuote(appId)}`,
    'application=$(ask "/applications?\\$filter=appId%20eq%20\'$app_id\'&\\$select=id" "value[0].id")',
  ];
  const missing = [
    'if [ -z "$application" ]; then',
    facts.deletes
      ? '  say "there is no application $app_id: nothing is left to be removed"'
      : '  say "there is no application $app_id in this tenant"',
    facts.deletes ? '  exit 0' : '  exit 1',
    'fi',
  ];
  const principal = facts.findsPrincipal ? ['principal=$(principal_of "$app_id")'] : [];
  return [...found, ...missing, ...principal];
}

function linesOf(step: Step, context: PrintContext): readonly string[] {
  switch (step.kind) {
    case 'create-application':
      return createApplication(step);
    case 'ask-for':
      return [
        "say 'setting the permissions that the application asks for'",
        ...accessOf(step.permissions),
        'send PATCH "/applications/$application" "{\\"requiredResourceAccess\\":[$access]}"',
      ];
    case 'allow-public-client':
      return [
        "say 'allowing sign-in with a device code'",
        'send PATCH "/applications/$application" \'{"isFallbackPublicClient":true}\'',
      ];
    case 'allow-other-tenants':
      return [
        "say 'allowing the tenants of customers to use the application'",
        'send PATCH "/applications/$application" \'{"signInAudience":"AzureADMultipleOrgs"}\'',
      ];
    case 'create-service-principal':
      return ["say 'the service principal of the application'", 'principal=$(make_principal "$app_id")'];
    case 'enable-service-principal':
      return [
        "say 'enabling sign-in of the application'",
        'send PATCH "/servicePrincipals/$principal" \'{"accountEnabled":true}\'',
      ];
    case 'create-resource-principal':
      return [
        `say 'the service principal of ${resourceNames[step.resource]}'`,
        `make_principal ${resourceAppIds[step.resource]} >/dev/null`,
      ];
    case 'grant': {
      const { resource, value } = step.permission;
      const why = neededByWords(step.permission);
      return [`grant ${resourceAppIds[resource]} ${shellQuote(value)}${why === '' ? '' : ` # ${why}`}`];
    }
    case 'grant-delegated':
      return [`grant_delegated ${resourceAppIds[step.resource]} ${shellQuote(step.values.join(' '))}`];
    case 'revoke':
      return revoke(step);
    case 'own-itself':
      return ['own_itself'];
    case 'add-credential':
      return addCredential(step.credential, context);
    case 'remove-credential':
      return removeCredential(step.credential);
    case 'delete-service-principal':
      return [
        "say 'deleting the service principal of the application'",
        'if [ -n "$principal" ]; then send DELETE "/servicePrincipals/$principal"; fi',
      ];
    case 'delete-application':
      return ["say 'deleting the app registration'", 'send DELETE "/applications/$application"'];
  }
}

/** The application is looked for by its last tag, the one that is its own. */
function createApplication(step: Extract<Step, { kind: 'create-application' }>): readonly string[] {
  const tag = step.tags.at(-1);
  const filter =
    tag === undefined
      ? `displayName eq '${step.displayName.replaceAll("'", "''")}'`
      : `tags/any(t:t eq '${tag.replaceAll("'", "''")}')`;
  const path = `/applications?$filter=${encodeURIComponent(filter).replaceAll("'", '%27')}&$select=id,appId`;
  const fields = {
    displayName: step.displayName,
    signInAudience: step.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
    tags: step.tags,
    ...(step.publicClient ? { isFallbackPublicClient: true } : {}),
  };
  const start = JSON.stringify(fields).slice(0, -1);
  return [
    "say 'the app registration'",
    ...accessOf(step.permissions),
    `look_up=${shellQuote(path)}`,
    'application=$(ask "$look_up" "value[0].id")',
    'if [ -n "$(ask "$look_up" "value[1].id")" ]; then',
    "  say 'several applications have this tag: delete those that are not the connector'",
    '  exit 1',
    'fi',
    'if [ -z "$application" ]; then',
    `  fields=${shellQuote(start)}`,
    '  application=$(make /applications "$fields,\\"requiredResourceAccess\\":[$access]}")',
    'fi',
    'app_id=$(again known "/applications/$application?\\$select=appId" appId)',
  ];
}

/** Sets `access` to what the application asks for, as JSON, with the ids that the names have here. */
function accessOf(permissions: readonly NeededPermission[]): readonly string[] {
  return [
    'access=',
    ...byResource(permissions).flatMap((group) => {
      const appId = resourceAppIds[group.resource];
      return [
        'asked=',
        ...group.permissions.map((permission) => {
          const list = permission.type === 'Role' ? 'appRoles' : 'oauth2PermissionScopes';
          const id = `$(permission_id ${appId} ${list} ${shellQuote(permission.value)})`;
          return `asked="$asked,{\\"id\\":\\"${id}\\",\\"type\\":\\"${permission.type}\\"}"`;
        }),
        `access="$access,{\\"resourceAppId\\":\\"${appId}\\",\\"resourceAccess\\":[\${asked#,}]}"`,
      ];
    }),
    'access=${access#,}',
  ];
}

function revoke({ resource, value, assignment }: Extract<Step, { kind: 'revoke' }>): readonly string[] {
  if (resource !== undefined) return [`revoke ${resourceAppIds[resource]} ${shellQuote(value)}`];
  const path = `/servicePrincipals/${assignment.resourceId}/appRoleAssignedTo/${assignment.id}`;
  return [
    `if ask ${shellQuote(path)} id >/dev/null 2>&1; then`,
    `  say ${shellQuote(`taking back ${value}, which nothing needs`)}`,
    `  send DELETE ${shellQuote(path)}`,
    'fi',
  ];
}
