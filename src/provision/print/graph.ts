import { type Resource, resourceAppIds, resourceNames } from '../../identity/resources.ts';
import type { NeededPermission, Plan, Step } from '../plan.ts';
import { byResource, factsOf, headline, neededByWords, oneLine } from './facts.ts';
import { addCredential, removeCredential } from './graph-credentials.ts';
import type { GraphCallText } from './graph-text.ts';
import type { PrintContext, Printer } from './printer.ts';

/** The calls of Microsoft Graph, in order, in the notation of `.http` files. */
export const graph: Printer = {
  format: 'graph',
  print(plan, context) {
    const calls = [...lookUps(plan), ...plan.steps.flatMap((step) => callsOf(step, plan, context))];
    const origin = context.endpoints.origins.graph;
    return [...introduction(plan), ...calls.flatMap((call, index) => written(call, index, origin))].join(
      '\n',
    );
  },
};

function introduction(plan: Plan): readonly string[] {
  return [
    `# ${headline(plan)}`,
    '# The calls of Microsoft Graph, in the order in which they must be made.',
    '# {{token}}: an access token for Microsoft Graph of an administrator who may do this (Application.ReadWrite.All,',
    '# AppRoleAssignment.ReadWrite.All; to consent to permissions of Microsoft Graph: Privileged Role Administrator).',
    '# {{name}}: what an earlier answer told; the line "keep" above a call says what to take from its answer.',
    '# Where a call answers 404, or 400 that something does not exist: not all parts of the directory know yet what was',
    '# just made; send it again some seconds later.',
    ...(plan.steps.length === 0 ? ['# Nothing is to be done: all is as it should be.'] : []),
    '',
  ];
}

function written(
  { title, notes = [], method, path, body }: GraphCallText,
  index: number,
  origin: string,
): readonly string[] {
  return [
    `### ${index + 1}. ${title}`,
    ...notes.map((note) => `# ${note}`),
    `${method} ${origin}/v1.0${path}`,
    'Authorization: Bearer {{token}}',
    ...(body === undefined ? [] : ['Content-Type: application/json', '', JSON.stringify(body, undefined, 2)]),
    '',
  ];
}

/** What is there already, and later calls speak of by its id. */
function lookUps(plan: Plan): readonly GraphCallText[] {
  const facts = factsOf(plan);
  return [
    ...facts.resources
      .filter((resource) => !plan.steps.some((step) => isCreationOf(step, resource)))
      .map(findResource),
    ...(facts.findsPrincipal && plan.application !== undefined
      ? [findPrincipal(plan.application.appId)]
      : []),
  ];
}

function isCreationOf(step: Step, resource: Resource): boolean {
  return step.kind === 'create-resource-principal' && step.resource === resource;
}

function findResource(resource: Resource): GraphCallText {
  return {
    title: `Find ${resourceNames[resource]} and the permissions that it offers`,
    notes: keptOfResource(resource),
    method: 'GET',
    path: `/servicePrincipals(appId='${resourceAppIds[resource]}')?$select=id,appRoles,oauth2PermissionScopes`,
  };
}

function keptOfResource(resource: Resource): readonly string[] {
  return [
    `keep ${resource}.id: id`,
    `keep ${resource}.appRoles.NAME: of appRoles, the id of the entry whose value is NAME`,
    `keep ${resource}.scopes.NAME: of oauth2PermissionScopes, the id of the entry whose value is NAME`,
  ];
}

function findPrincipal(appId: string): GraphCallText {
  return {
    title: 'Find the service principal of the application',
    notes: ['keep principal.id: id'],
    method: 'GET',
    path: `/servicePrincipals(appId='${appId}')?$select=id`,
  };
}

function callsOf(step: Step, plan: Plan, context: PrintContext): readonly GraphCallText[] {
  const application = plan.application?.id ?? '{{application.id}}';
  const appId = plan.application?.appId ?? '{{application.appId}}';
  const facts = factsOf(plan);
  switch (step.kind) {
    case 'create-application':
      return [
        {
          title: 'Create the app registration',
          notes: ['keep application.id: id', 'keep application.appId: appId', ...reasons(step.permissions)],
          method: 'POST',
          path: '/applications',
          body: {
            displayName: step.displayName,
            signInAudience: step.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
            tags: step.tags,
            ...(step.publicClient ? { isFallbackPublicClient: true } : {}),
            requiredResourceAccess: access(step.permissions),
          },
        },
      ];
    case 'ask-for':
      return [
        {
          title: 'Set the permissions that the application asks for',
          notes: reasons(step.permissions),
          method: 'PATCH',
          path: `/applications/${application}`,
          body: { requiredResourceAccess: access(step.permissions) },
        },
      ];
    case 'allow-public-client':
      return [
        {
          title: 'Allow sign-in with a device code',
          method: 'PATCH',
          path: `/applications/${application}`,
          body: { isFallbackPublicClient: true },
        },
      ];
    case 'allow-other-tenants':
      return [
        {
          title: 'Allow the tenants of customers to use the application',
          method: 'PATCH',
          path: `/applications/${application}`,
          body: { signInAudience: 'AzureADMultipleOrgs' },
        },
      ];
    case 'create-service-principal':
      return [
        {
          title: 'Create the service principal of the application',
          notes: ['keep principal.id: id'],
          method: 'POST',
          path: '/servicePrincipals',
          body: { appId },
        },
      ];
    case 'enable-service-principal':
      return [
        {
          title: 'Enable sign-in of the application',
          method: 'PATCH',
          path: '/servicePrincipals/{{principal.id}}',
          body: { accountEnabled: true },
        },
      ];
    case 'create-resource-principal':
      return [
        {
          title: `Create the service principal of ${resourceNames[step.resource]}`,
          notes: ['409, or 400 Request_MultipleObjectsWithSameKeyValue: it is there, which is fine.'],
          method: 'POST',
          path: '/servicePrincipals',
          body: { appId: resourceAppIds[step.resource] },
        },
        findResource(step.resource),
      ];
    case 'grant': {
      const { resource, value } = step.permission;
      return [
        {
          title: `Grant ${value} of ${resourceNames[resource]}`,
          notes: ['400 "Permission being assigned already exists": it is granted, which is fine.'],
          method: 'POST',
          path: `/servicePrincipals/{{${resource}.id}}/appRoleAssignedTo`,
          body: {
            principalId: '{{principal.id}}',
            resourceId: `{{${resource}.id}}`,
            appRoleId: `{{${resource}.appRoles.${value}}}`,
          },
        },
      ];
    }
    case 'grant-delegated':
      return grantDelegated(step.resource, step.values);
    case 'revoke': {
      const { assignment, value } = step;
      return [
        {
          title: `Take back ${oneLine(value)}, which nothing needs`,
          method: 'DELETE',
          path: `/servicePrincipals/${assignment.resourceId}/appRoleAssignedTo/${assignment.id}`,
        },
      ];
    }
    case 'own-itself':
      return [
        {
          title: 'Make the application its own owner, so that it can renew its credential',
          method: 'POST',
          path: `/applications/${application}/owners/$ref`,
          body: {
            '@odata.id': `${context.endpoints.origins.graph}/v1.0/directoryObjects/{{principal.id}}`,
          },
        },
      ];
    case 'add-credential':
      return addCredential(step.credential, application, facts.creation !== undefined, context);
    case 'remove-credential':
      return removeCredential(step.credential, application);
    case 'delete-service-principal':
      return [
        {
          title: 'Delete the service principal of the application',
          method: 'DELETE',
          path: '/servicePrincipals/{{principal.id}}',
        },
      ];
    case 'delete-application':
      return [
        { title: 'Delete the app registration', method: 'DELETE', path: `/applications/${application}` },
      ];
  }
}

function access(permissions: readonly NeededPermission[]): unknown {
  return byResource(permissions).map((group) => ({
    resourceAppId: resourceAppIds[group.resource],
    resourceAccess: group.permissions.map(({ resource, value, type }) => ({
      id: `{{${resource}.${type === 'Role' ? 'appRoles' : 'scopes'}.${value}}}`,
      type,
    })),
  }));
}

function reasons(permissions: readonly NeededPermission[]): readonly string[] {
  return permissions.map((permission) => `${permission.value}: ${neededByWords(permission) || 'as it was'}`);
}

function grantDelegated(resource: Resource, values: readonly string[]): readonly GraphCallText[] {
  const scope = values.join(' ');
  return [
    {
      title: `Look for delegated permissions of ${resourceNames[resource]} that are granted for everybody`,
      notes: [
        `keep ${resource}.grant: of value, the id of the entry whose resourceId is {{${resource}.id}}, if there is one`,
      ],
      method: 'GET',
      path: "/oauth2PermissionGrants?$filter=clientId%20eq%20'{{principal.id}}'%20and%20consentType%20eq%20'AllPrincipals'",
    },
    {
      title: `Grant ${scope === '' ? 'none' : scope} of ${resourceNames[resource]} for everybody`,
      notes: [
        `Where there is one, send the body {"scope": ${JSON.stringify(scope)}} as PATCH /v1.0/oauth2PermissionGrants/{{${resource}.grant}} instead.`,
      ],
      method: 'POST',
      path: '/oauth2PermissionGrants',
      body: {
        clientId: '{{principal.id}}',
        consentType: 'AllPrincipals',
        resourceId: `{{${resource}.id}}`,
        scope,
      },
    },
  ];
}
