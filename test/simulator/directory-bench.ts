import { Bench, type Json, type Reply } from './support.ts';

/** Client ids of the resources (API reference §11.2). */
export const graphAppId = '00000003-0000-0000-c000-000000000000';
export const defenderAppId = 'fc780465-2017-40d4-a0c5-307022471b92';
export const xdrAppId = '8ee8fdad-f234-4243-8f3b-15c294843740';

/** Ids of two app roles of theirs. */
export const alertRoles = {
  graph: '472e4a4d-bb4a-4026-98d1-0b0d74cb74a5',
  defender: '71fe6b80-7034-4028-9ed8-0f316df9c3ff',
};

/** Calls the directory's paths with a token. */
export class DirectoryClient {
  readonly bench: Bench;
  token: string;

  constructor(bench: Bench, token: string) {
    this.bench = bench;
    this.token = token;
  }

  /** Returns a client that calls as the ready-made application with these app roles of Graph. */
  static async withRoles(bench: Bench, ...roles: readonly string[]): Promise<DirectoryClient> {
    bench.simulator.control.registration.roles.graph = roles;
    return new DirectoryClient(bench, await bench.graphToken());
  }

  /** Calls `/v1.0` and `path`; a body is sent as JSON. */
  send(method: string, path: string, body?: unknown): Promise<Reply> {
    const url = path.startsWith('https:') ? path : `${this.bench.simulator.endpoints.graph}/v1.0${path}`;
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    return this.bench.call(method, url, headers, body === undefined ? '' : JSON.stringify(body));
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.send('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<Reply> {
    return this.send('PATCH', path, body);
  }

  delete(path: string): Promise<Reply> {
    return this.send('DELETE', path);
  }

  /** Makes an application; returns its JSON. */
  async application(fields: Readonly<Record<string, unknown>> = {}): Promise<Json> {
    return (await this.post('/applications', { displayName: 'defender-siem', ...fields })).json();
  }

  /** Makes an application and its service principal; returns both in JSON. */
  async registered(): Promise<{ application: Json; principal: Json }> {
    const application = await this.application({ signInAudience: 'AzureADMyOrg' });
    const principal = (await this.post('/servicePrincipals', { appId: application.appId })).json();
    return { application, principal };
  }

  /** Returns the object id of the service principal of a client id. */
  async principalId(appId: string): Promise<string> {
    return String((await this.get(`/servicePrincipals(appId='${appId}')`)).json().id);
  }

  /** Grants an application permission. */
  async assign(principalId: unknown, resourceAppId: string, appRoleId: string): Promise<Reply> {
    const resourceId = await this.principalId(resourceAppId);
    const body = { principalId, resourceId, appRoleId };
    return this.post(`/servicePrincipals/${resourceId}/appRoleAssignedTo`, body);
  }
}

/** Returns an error's status and code. */
export function refusal(reply: Reply): readonly [number, unknown] {
  return [reply.status, (reply.json().error as Json | undefined)?.code];
}

/** Starts a simulator whose directory knows every change at once. */
export function settledBench(): Promise<Bench> {
  return Bench.start({ historyAlerts: 0, directorySettleMs: 0 });
}
