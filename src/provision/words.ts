import { resourceNames } from '../identity/resources.ts';
import type { NeededPermission, NewCredential, Step } from './plan.ts';

/** Returns what a step is about to do, as in `would …` and `cannot …`. */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case 'create-application':
      return `create the app registration ${step.displayName}`;
    case 'ask-for':
      return `have the app registration ask for ${step.permissions.map(({ value }) => value).join(', ') || 'no permission'}`;
    case 'allow-public-client':
      return 'allow sign-in with a device code (public client)';
    case 'allow-other-tenants':
      return 'allow the tenants of customers to use it (multi-tenant)';
    case 'create-service-principal':
      return 'create its service principal';
    case 'enable-service-principal':
      return 'enable sign-in of its service principal';
    case 'create-resource-principal':
      return `create the service principal of ${resourceNames[step.resource]} in this tenant`;
    case 'grant':
      return `grant ${permissionWords(step.permission)}`;
    case 'grant-delegated':
      return `grant for all users, of ${resourceNames[step.resource]}: ${step.values.join(', ') || 'nothing'}`;
    case 'revoke':
      return `revoke ${step.value}${step.resource === undefined ? '' : ` of ${resourceNames[step.resource]}`}, which nothing needs`;
    case 'own-itself':
      return 'make the application its own owner, so that it can renew its credential';
    case 'add-credential':
      return `add ${newCredentialWords(step.credential)}`;
    case 'remove-credential':
      return `remove ${oldCredentialWords(step.credential)}`;
    case 'delete-service-principal':
      return 'delete the service principal with all that was granted to it';
    case 'delete-application':
      return 'delete the app registration';
  }
}

/** Returns a step that is done, as in `granted …`. */
export function doneWords(step: Step): string {
  const words = stepWords(step);
  const verb = words.split(' ', 1)[0] ?? '';
  return `${pastOf[verb] ?? verb}${words.slice(verb.length)}`;
}

const pastOf: Readonly<Record<string, string>> = {
  create: 'created',
  have: 'had',
  allow: 'allowed',
  enable: 'enabled',
  grant: 'granted',
  revoke: 'revoked',
  make: 'made',
  add: 'added',
  remove: 'removed',
  delete: 'deleted',
};

function permissionWords({ value, resource, neededBy }: NeededPermission): string {
  return `${value} of ${resourceNames[resource]}${neededBy.length === 0 ? '' : ` (for ${neededBy.join(', ')})`}`;
}

function newCredentialWords(credential: NewCredential): string {
  if (credential.kind === 'certificate') return `a certificate for ${credential.days} days`;
  if (credential.kind === 'secret') return `a client secret for ${credential.days} days`;
  return `the federated credential ${credential.credential.name} for ${credential.credential.subject}`;
}

function oldCredentialWords(credential: Extract<Step, { kind: 'remove-credential' }>['credential']): string {
  if (credential.kind === 'certificate')
    return `the certificate ${credential.key.displayName ?? credential.key.keyId}`;
  if (credential.kind === 'secret')
    return `the client secret ${credential.password.displayName ?? credential.password.keyId}`;
  return `the federated credential ${credential.federated.name}`;
}
