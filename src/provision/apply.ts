import { ConnectorError } from '../errors.ts';
import { type Resource, resourceAppIds, resourceNames } from '../identity/resources.ts';
import type { Directory, RequiredResourceAccess, ServicePrincipal } from './directory.ts';
import { withoutCertificate } from './key-credentials.ts';
import type { NeededPermission, NewCredential, Plan, Step } from './plan.ts';
import { doneWords, stepWords } from './words.ts';

/** What applying a plan works with. */
export interface ApplyParts {
  readonly directory: Directory;
  /** Shows a step that is done, or cannot be. */
  readonly tell: (line: string) => void;
  /** Called as soon as the application's ids are known: the next run finds it by them. */
  readonly onApplication: (application: { readonly id: string; readonly appId: string }) => Promise<void>;
  /** Adds a credential to the application, and keeps it; returns what to say of it. */
  readonly addCredential: (
    applicationId: string,
    appId: string,
    credential: NewCredential,
  ) => Promise<string>;
}

/** What came of a plan. */
export interface Applied {
  readonly application: { readonly id: string; readonly appId: string };
  /** Permissions that the signed-in identity may not grant, and why. */
  readonly denied: readonly { readonly step: Step; readonly error: ConnectorError }[];
}

type Consent = Extract<Step, { kind: 'grant' | 'grant-delegated' | 'revoke' }>;

/**
 * Does a plan's steps in their order, telling each. What may not be granted is left for who may, and returned; any other
 * failure is thrown, as `Directory` does: the next run goes on from there, since every step can be met again.
 */
export async function applyPlan(plan: Plan, parts: ApplyParts): Promise<Applied> {
  const run = new Application(plan, parts);
  const denied: { step: Step; error: ConnectorError }[] = [];
  for (const step of plan.steps) {
    try {
      const said = await run.do(step);
      parts.tell(said ?? doneWords(step));
    } catch (error) {
      if (!isConsent(step) || !(error instanceof ConnectorError) || error.code !== 'PERMISSION_MISSING')
        throw error;
      parts.tell(`may not ${stepWords(step)}`);
      denied.push({ step, error });
    }
  }
  return { application: run.ids(), denied };
}

function isConsent(step: Step): step is Consent {
  return step.kind === 'grant' || step.kind === 'grant-delegated' || step.kind === 'revoke';
}

/** The application of one plan, as its steps make it. */
class Application {
  readonly #plan: Plan;
  readonly #parts: ApplyParts;
  readonly #resources = new Map<Resource, ServicePrincipal>();
  #ids: { readonly id: string; readonly appId: string } | undefined;
  #principalId: string | undefined;

  constructor(plan: Plan, parts: ApplyParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.#ids = plan.application;
  }

  ids(): { readonly id: string; readonly appId: string } {
    if (this.#ids === undefined) throw new TypeError('a plan without an application does not create one');
    return this.#ids;
  }

  /** Does one step. Returns what to say of it, where that is more than its words. */
  async do(step: Step): Promise<string | undefined> {
    const { directory } = this.#parts;
    switch (step.kind) {
      case 'create-resource-principal':
        this.#resources.set(step.resource, await this.#createResource(step.resource));
        return undefined;
      case 'create-application':
        return this.#create(step);
      case 'ask-for': {
        const { id, appId } = this.ids();
        const others = (await directory.application(appId))?.requiredResourceAccess.filter(
          ({ resourceAppId }) => !Object.values(resourceAppIds).includes(resourceAppId),
        );
        const asked = await this.#required(step.permissions);
        await directory.updateApplication(id, { requiredResourceAccess: [...asked, ...(others ?? [])] });
        return undefined;
      }
      case 'allow-public-client':
        await directory.updateApplication(this.ids().id, { isFallbackPublicClient: true });
        return undefined;
      case 'allow-other-tenants':
        await directory.updateApplication(this.ids().id, { signInAudience: 'AzureADMultipleOrgs' });
        return undefined;
      case 'create-service-principal':
        this.#principalId = (await directory.createServicePrincipal(this.ids().appId)).id;
        return undefined;
      case 'enable-service-principal':
        await directory.enableServicePrincipal(await this.#principal(), true);
        return undefined;
      case 'own-itself':
        await directory.addOwner(this.ids().id, await this.#principal());
        return undefined;
      case 'add-credential':
        return this.#parts.addCredential(this.ids().id, this.ids().appId, step.credential);
      case 'remove-credential':
        return this.#removeCredential(step);
      case 'delete-service-principal':
        await directory.deleteServicePrincipal(await this.#principal());
        return undefined;
      case 'delete-application':
        await directory.deleteApplication(this.ids().id);
        return undefined;
      default:
        return this.#consent(step);
    }
  }

  async #create(step: Extract<Step, { kind: 'create-application' }>): Promise<string> {
    const { displayName, tags, publicClient, multiTenant } = step;
    const application = await this.#parts.directory.createApplication({
      displayName,
      tags,
      notes: 'Made by `defender-siem provision`; `defender-siem deprovision` removes it.',
      signInAudience: multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
      ...(publicClient ? { isFallbackPublicClient: true } : {}),
      requiredResourceAccess: await this.#required(step.permissions),
    });
    this.#ids = { id: application.id, appId: application.appId };
    await this.#parts.onApplication(this.#ids);
    return `${doneWords(step)} (client id ${application.appId})`;
  }

  async #consent(step: Consent): Promise<undefined> {
    const { directory } = this.#parts;
    if (step.kind === 'revoke') {
      await directory.unassign(step.assignment);
    } else if (step.kind === 'grant') {
      const { resource } = step.permission;
      const resourceId = (await this.#resource(resource)).id;
      const appRoleId = await this.#idOf(step.permission);
      await directory.assign({ principalId: await this.#principal(), resourceId, appRoleId });
    } else {
      const resourceId = (await this.#resource(step.resource)).id;
      const clientId = await this.#principal();
      await directory.grantDelegated({ clientId, resourceId, scope: step.values.join(' ') });
    }
  }

  async #removeCredential({ credential }: Extract<Step, { kind: 'remove-credential' }>): Promise<undefined> {
    const { directory } = this.#parts;
    const { id, appId } = this.ids();
    if (credential.kind === 'secret') await directory.removePassword(id, credential.password.keyId);
    else if (credential.kind === 'federated') {
      await directory.removeFederatedCredential(id, credential.federated.id ?? credential.federated.name);
    } else {
      const application = await directory.application(appId);
      if (application === undefined) return;
      await directory.updateApplication(id, withoutCertificate(application, credential.key.keyId));
    }
  }

  async #required(permissions: readonly NeededPermission[]): Promise<readonly RequiredResourceAccess[]> {
    const asked = new Map<Resource, { id: string; type: 'Role' | 'Scope' }[]>();
    for (const permission of permissions) {
      const access = { id: await this.#idOf(permission), type: permission.type };
      asked.set(permission.resource, [...(asked.get(permission.resource) ?? []), access]);
    }
    return [...asked].map(([resource, resourceAccess]) => ({
      resourceAppId: resourceAppIds[resource],
      resourceAccess,
    }));
  }

  async #idOf({ resource, value, type, neededBy }: NeededPermission): Promise<string> {
    const { appRoles, delegatedScopes } = await this.#resource(resource);
    const id = (type === 'Role' ? appRoles : delegatedScopes).find((offered) => offered.value === value)?.id;
    if (id !== undefined) return id;
    throw new ConnectorError(
      'API_FAILED',
      `${resourceNames[resource]} of this tenant offers no permission ${value}, which ${neededBy.join(', ')} needs: the product behind it is not in this cloud or not licensed, so remove what needs it from the configuration`,
    );
  }

  async #resource(resource: Resource): Promise<ServicePrincipal> {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const found = await this.#parts.directory.servicePrincipal(resourceAppIds[resource]);
    if (found === undefined) throw noResource(resource, this.#neededBy(resource), undefined);
    this.#resources.set(resource, found);
    return found;
  }

  async #createResource(resource: Resource): Promise<ServicePrincipal> {
    try {
      return await this.#parts.directory.createServicePrincipal(resourceAppIds[resource]);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code === 'API_UNREACHABLE') throw error;
      throw noResource(resource, this.#neededBy(resource), error);
    }
  }

  #neededBy(resource: Resource): string {
    const needing = this.#plan.steps.flatMap((step) =>
      step.kind === 'grant' && step.permission.resource === resource ? step.permission.neededBy : [],
    );
    return [...new Set(needing)].join(', ') || 'the configuration';
  }

  async #principal(): Promise<string> {
    if (this.#principalId !== undefined) return this.#principalId;
    const found = await this.#parts.directory.servicePrincipal(this.ids().appId);
    // A part of the directory may not know it yet: then making it again returns the one there is.
    const { id } = found ?? (await this.#parts.directory.createServicePrincipal(this.ids().appId));
    this.#principalId = id;
    return id;
  }
}

function noResource(resource: Resource, neededBy: string, cause: ConnectorError | undefined): ConnectorError {
  return new ConnectorError(
    cause?.code ?? 'API_FAILED',
    `this tenant has no ${resourceNames[resource]}, and it cannot be created: set the product up (open the Defender portal once as an administrator, and check the licence), or remove what needs it: ${neededBy}`,
    cause === undefined ? undefined : { cause, status: cause.status },
  );
}
