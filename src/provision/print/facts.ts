import type { Resource } from '../../identity/resources.ts';
import type { NeededPermission, NewCredential, Plan, Step } from '../plan.ts';
import type { PrintContext } from './printer.ts';

/** What all languages want to know of a plan at once. */
export interface PlanFacts {
  /** What it calls the application. */
  readonly displayName: string;
  /** Undefined where the application is there. */
  readonly creation: Extract<Step, { kind: 'create-application' }> | undefined;
  /** The permissions that the application is to ask for; undefined where that stays as it is. */
  readonly asked: readonly NeededPermission[] | undefined;
  /** The resources that its steps speak of. */
  readonly resources: readonly Resource[];
  /** True where the steps need the application's service principal, which they do not make. */
  readonly findsPrincipal: boolean;
  /** True where nothing is left once the plan is done. */
  readonly deletes: boolean;
}

const resourceOrder: readonly Resource[] = ['graph', 'defender', 'xdr'];
const ofPrincipal: readonly Step['kind'][] = [
  'enable-service-principal',
  'grant',
  'grant-delegated',
  'revoke',
  'own-itself',
  'delete-service-principal',
];

/** Returns the facts of a plan. */
export function factsOf({ application, steps }: Plan): PlanFacts {
  const creation = stepOf(steps, 'create-application');
  const named = new Set(steps.flatMap(resourcesOf));
  const kinds = new Set(steps.map(({ kind }) => kind));
  return {
    displayName: creation?.displayName ?? application?.displayName ?? '',
    creation,
    asked: creation?.permissions ?? stepOf(steps, 'ask-for')?.permissions,
    resources: resourceOrder.filter((resource) => named.has(resource)),
    findsPrincipal: !kinds.has('create-service-principal') && ofPrincipal.some((kind) => kinds.has(kind)),
    deletes: kinds.has('delete-application'),
  };
}

/** Returns the first step of this kind. */
export function stepOf<K extends Step['kind']>(
  steps: readonly Step[],
  kind: K,
): Extract<Step, { kind: K }> | undefined {
  return steps.find((step): step is Extract<Step, { kind: K }> => step.kind === kind);
}

/** Returns the permissions of each resource, in the order of the resources. */
export function byResource(
  permissions: readonly NeededPermission[],
): readonly { readonly resource: Resource; readonly permissions: readonly NeededPermission[] }[] {
  return resourceOrder
    .map((resource) => ({
      resource,
      permissions: permissions.filter((permission) => permission.resource === resource),
    }))
    .filter((group) => group.permissions.length > 0);
}

/** Returns what a new credential is called in the directory. */
export function credentialName({ nowMs }: PrintContext): string {
  return `defender-siem ${new Date(nowMs).toISOString().slice(0, 10)}`;
}

/** Returns when a new credential ends, ISO 8601 in whole seconds. */
export function endOf(
  credential: Extract<NewCredential, { readonly days: number }>,
  { nowMs }: PrintContext,
): string {
  return new Date(nowMs + credential.days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Returns the line that says whom a plan is for. */
export function headline({ tenant, tenantId, application }: Plan): string {
  const app = application === undefined ? '' : `, application ${application.appId}`;
  return `The app registration of defender-siem in the tenant ${oneLine(tenant)} (${oneLine(tenantId)}${app}).`;
}

/** Returns a text for a comment: it cannot end the line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** Returns the words for what a permission is needed by. */
export function neededByWords({ neededBy }: NeededPermission): string {
  return neededBy.length === 0 ? '' : `for ${oneLine(neededBy.join(', '))}`;
}

function resourcesOf(step: Step): readonly Resource[] {
  switch (step.kind) {
    case 'create-application':
    case 'ask-for':
      return step.permissions.map(({ resource }) => resource);
    case 'create-resource-principal':
    case 'grant-delegated':
      return [step.resource];
    case 'grant':
      return [step.permission.resource];
    case 'revoke':
      return step.resource === undefined ? [] : [step.resource];
    default:
      return [];
  }
}
