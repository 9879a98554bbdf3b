import { ConnectorError } from '../errors.ts';
import type {
  Application,
  ApplicationChange,
  DelegatedGrant,
  Directory,
  FederatedCredential,
  ServicePrincipal,
} from './directory.ts';
import {
  callGraph,
  consistencyMs,
  type GraphCall,
  type GraphCallOptions,
  type GraphReply,
  pauseMs,
} from './graph-call.ts';
import type { GraphError } from './graph-errors.ts';
import { answers } from './graph-shapes.ts';
import { deleteObject, lookFor, makeOnce } from './graph-writes.ts';

const mostPages = 1000;

const applicationFields =
  '$select=id,appId,displayName,tags,signInAudience,isFallbackPublicClient,requiredResourceAccess,keyCredentials,passwordCredentials';
const principalFields = '$select=id,appId,displayName,accountEnabled,appRoles,oauth2PermissionScopes';

const mayManage =
  'Application.ReadWrite.All and the role Application Administrator or Cloud Application Administrator';
const mayConsent =
  'AppRoleAssignment.ReadWrite.All and the role Privileged Role Administrator or Global Administrator (for other resources than Microsoft Graph, Cloud Application Administrator suffices)';
const mayConsentDelegated =
  'DelegatedPermissionGrant.ReadWrite.All and the role Cloud Application Administrator';
const mayRead = 'Application.Read.All';

/** Returns the directory of a tenant over Microsoft Graph (reference §11.4). */
export function createGraphDirectory(
  options: Omit<GraphCallOptions, 'signal'> & { readonly signal?: AbortSignal },
): Directory {
  const calls: GraphCallOptions = { ...options, signal: options.signal ?? new AbortController().signal };
  const { clock, signal } = calls;
  const graph = (call: GraphCall): Promise<GraphReply> => callGraph(calls, call);
  const read = (path: string, doing: string, known: boolean, takes = mayRead) =>
    graph({
      method: 'GET',
      path,
      doing,
      takes,
      ...(known ? { patienceMs: consistencyMs } : { handles: ({ status }: GraphError) => status === 404 }),
    });
  const write = (call: Omit<GraphCall, 'takes'> & { readonly takes?: string }) =>
    graph({ takes: mayManage, patienceMs: consistencyMs, ...call });
  const remove = (path: string, doing: string, takes = mayManage) =>
    deleteObject(calls, { path, doing, takes });

  async function list<T>(
    path: string,
    doing: string,
    item: (body: unknown) => T,
    takes = mayRead,
  ): Promise<T[]> {
    const all: T[] = [];
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined && pages < mostPages; pages++) {
      const reply: GraphReply = await read(next, doing, true, takes);
      const page = answers.page(reply.body);
      all.push(...page.value.map(item));
      next = page['@odata.nextLink'];
    }
    return all;
  }

  async function taggedApplications(tag: string): Promise<readonly Application[]> {
    const filter = encodeURIComponent(`tags/any(t:t eq '${tag.replaceAll("'", "''")}')`);
    const path = `/applications?$filter=${filter}&${applicationFields}`;
    return list(path, 'find the app registration', answers.application);
  }

  async function servicePrincipal(appId: string, known = false): Promise<ServicePrincipal | undefined> {
    const path = `/servicePrincipals(appId='${appId}')?${principalFields}`;
    const { body, error } = await read(path, `read the service principal of ${appId}`, known);
    return error === undefined ? answers.servicePrincipal(body) : undefined;
  }

  async function applicationById(id: string): Promise<Application> {
    const { body } = await read(
      `/applications/${id}?${applicationFields}`,
      'read the app registration',
      true,
    );
    return answers.application(body);
  }

  async function delegatedGrants(principalId: string): Promise<readonly DelegatedGrant[]> {
    const filter = encodeURIComponent(`clientId eq '${principalId}'`);
    const path = `/oauth2PermissionGrants?$filter=${filter}`;
    const all = await list(path, 'read the delegated permissions', answers.grant, mayConsentDelegated);
    return all.filter(({ consentType }) => consentType === 'AllPrincipals');
  }

  async function federatedCredentials(id: string): Promise<readonly FederatedCredential[]> {
    const path = `/applications/${id}/federatedIdentityCredentials`;
    return list(path, 'read the federated credentials', answers.federatedCredential);
  }

  return {
    taggedApplications,
    async application(appId) {
      const path = `/applications(appId='${appId}')?${applicationFields}`;
      const { body, error } = await read(path, `read the app registration ${appId}`, false);
      return error === undefined ? answers.application(body) : undefined;
    },
    createApplication: (fields) => {
      const doing = `create the app registration ${fields.displayName}`;
      const tag = fields.tags?.at(-1);
      return makeOnce(
        calls,
        async () => {
          const body = bodyOf(fields);
          const reply = await write({ method: 'POST', path: '/applications', body, doing, once: true });
          return answers.application(reply.body);
        },
        async () =>
          tag === undefined ? undefined : lookFor(calls, async () => (await taggedApplications(tag))[0]),
      );
    },
    async updateApplication(id, change) {
      await write({
        method: 'PATCH',
        path: `/applications/${id}`,
        body: bodyOf(change),
        doing: 'change the app registration',
      });
    },
    deleteApplication: (id) => remove(`/applications/${id}`, 'delete the app registration'),
    servicePrincipal: (appId) => servicePrincipal(appId),
    async createServicePrincipal(appId) {
      const { body, error } = await write({
        method: 'POST',
        path: '/servicePrincipals',
        body: { appId },
        doing: `create the service principal of ${appId}`,
        handles: isTaken,
      });
      if (error === undefined) return answers.servicePrincipal(body);
      const existing = await servicePrincipal(appId, true);
      if (existing !== undefined) return existing;
      throw new ConnectorError(
        'API_FAILED',
        `the service principal of ${appId} exists, but cannot be read: run the command again`,
      );
    },
    async enableServicePrincipal(id, enabled) {
      const doing = `${enabled ? 'enable' : 'disable'} sign-in of the service principal`;
      await write({
        method: 'PATCH',
        path: `/servicePrincipals/${id}`,
        body: { accountEnabled: enabled },
        doing,
      });
    },
    deleteServicePrincipal: (id) => remove(`/servicePrincipals/${id}`, 'delete the service principal'),
    assignments: (principalId) =>
      list(
        `/servicePrincipals/${principalId}/appRoleAssignments`,
        'read the granted permissions',
        answers.assignment,
      ),
    async assign({ principalId, resourceId, appRoleId }) {
      await write({
        method: 'POST',
        path: `/servicePrincipals/${resourceId}/appRoleAssignedTo`,
        body: { principalId, resourceId, appRoleId },
        doing: 'grant the permission',
        takes: mayConsent,
        // The directory itself holds a grant once: making it again changes nothing.
        handles: ({ message }) => /already exists/i.test(message),
      });
    },
    unassign: ({ id, resourceId }) =>
      remove(`/servicePrincipals/${resourceId}/appRoleAssignedTo/${id}`, 'revoke the permission', mayConsent),
    delegatedGrants,
    async grantDelegated({ clientId, resourceId, scope }) {
      const doing = 'grant the delegated permissions';
      const takes = mayConsentDelegated;
      for (let tries = 0; ; tries++) {
        const existing = (await delegatedGrants(clientId)).find((grant) => grant.resourceId === resourceId);
        if (existing !== undefined) {
          const path = `/oauth2PermissionGrants/${existing.id}`;
          if (scope === '') await remove(path, 'revoke the delegated permissions', takes);
          else await write({ method: 'PATCH', path, body: { scope }, doing, takes });
          return;
        }
        if (scope === '') return;
        const body = { clientId, consentType: 'AllPrincipals', resourceId, scope };
        const { error } = await write({
          method: 'POST',
          path: '/oauth2PermissionGrants',
          body,
          doing,
          takes,
          handles: isTaken,
        });
        if (error === undefined) return;
        if (tries === 3) {
          throw new ConnectorError(
            'API_FAILED',
            `cannot ${doing}: there is a grant that cannot be read; run the command again`,
          );
        }
        await clock.sleep(pauseMs(tries), signal);
        signal.throwIfAborted();
      }
    },
    async addPassword(id, secret) {
      const before = new Set((await applicationById(id)).passwordCredentials.map(({ keyId }) => keyId));
      const path = `/applications/${id}/addPassword`;
      const body = { passwordCredential: { ...secret } };
      const call = { method: 'POST', path, body, doing: 'add a client secret', once: true } as const;
      // Its value was lost with the answer: one that took effect goes before another is made.
      const withdraw = async () => {
        const lost = await lookFor(calls, async () =>
          (await applicationById(id)).passwordCredentials.find(
            ({ keyId, displayName }) => displayName === secret.displayName && !before.has(keyId),
          ),
        );
        if (lost !== undefined) await removePassword(id, lost.keyId);
        return undefined;
      };
      return makeOnce(calls, async () => answers.addedPassword((await write(call)).body), withdraw);
    },
    removePassword,
    federatedCredentials,
    async addFederatedCredential(id, credential) {
      const { name, issuer, subject, audiences } = credential;
      const { error } = await write({
        method: 'POST',
        path: `/applications/${id}/federatedIdentityCredentials`,
        body: { name, issuer, subject, audiences, description: 'defender-siem' },
        doing: 'add the federated credential',
        handles: isTaken,
      });
      if (error === undefined) return;
      const matching = await lookFor(calls, async () =>
        (await federatedCredentials(id)).find(
          (other) => other.issuer === issuer && other.subject === subject,
        ),
      );
      if (matching !== undefined) return;
      const words = `another federated credential is called ${name}: give another \`--federated-name\`, or remove that one`;
      throw new ConnectorError('API_FAILED', `cannot add the federated credential: ${words}`);
    },
    removeFederatedCredential: (id, credentialId) =>
      remove(
        `/applications/${id}/federatedIdentityCredentials/${credentialId}`,
        'remove the federated credential',
      ),
    async owners(id) {
      const path = `/applications/${id}/owners?$select=id`;
      return (await list(path, 'read the owners of the app registration', answers.reference)).map(
        (owner) => owner.id,
      );
    },
    async addOwner(id, servicePrincipalId) {
      await write({
        method: 'POST',
        path: `/applications/${id}/owners/$ref`,
        body: { '@odata.id': `${calls.origin}/v1.0/directoryObjects/${servicePrincipalId}` },
        doing: 'make the application its own owner',
        handles: ({ message }) => /already exist/i.test(message),
      });
    },
    async organisation() {
      const call = {
        path: '/organization?$select=id,displayName',
        doing: 'read the organisation',
        takes: mayRead,
      };
      const { body, error } = await graph({
        method: 'GET',
        ...call,
        handles: ({ status }) => status === 403,
      });
      return error === undefined ? answers.page(body).value.map(answers.organisation)[0] : undefined;
    },
  };

  async function removePassword(id: string, keyId: string): Promise<void> {
    await write({
      method: 'POST',
      path: `/applications/${id}/removePassword`,
      body: { keyId },
      doing: 'remove the client secret',
      handles: ({ message }) =>
        /no password credential|not found/i.test(message) && !/Resource/.test(message),
    });
  }
}

/** There is one already: with the same key, or by its name. */
function isTaken({ status, code, message }: GraphError): boolean {
  return (
    status === 409 ||
    code === 'Request_MultipleObjectsWithSameKeyValue' ||
    /already (exists|in use)|same value for property/i.test(message)
  );
}

function bodyOf(change: ApplicationChange): Readonly<Record<string, unknown>> {
  return { ...change };
}
