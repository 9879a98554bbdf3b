import { onTestFinished } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/http/client.ts';
import { resolveEndpoints } from '../../src/identity/clouds.ts';
import type { Directory } from '../../src/provision/directory.ts';
import { createGraphDirectory } from '../../src/provision/graph-directory.ts';
import type { NeededPermission } from '../../src/provision/plan.ts';
import {
  carryOut,
  type Draft,
  draftProvision,
  type Provisioned,
  type ProvisionRequest,
} from '../../src/provision/provision.ts';
import { type AdminSignIn, signIn } from '../../src/provision/sign-in.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { testFolder } from './connector-config.ts';
import { FakeClock } from './fake-clock.ts';

/** What the two sources of most of these tests need. */
export const twoPermissions: readonly NeededPermission[] = [
  { resource: 'graph', value: 'SecurityAlert.Read.All', type: 'Role', neededBy: ['source alerts'] },
  { resource: 'defender', value: 'Alert.Read.All', type: 'Role', neededBy: ['source mde'] },
];

/** What a run came to. */
export interface Run {
  readonly draft: Draft;
  readonly done: Provisioned;
  /** What was told, a line each. */
  readonly lines: readonly string[];
}

/** An empty tenant, a person who may do all there, and a clock on which the directory's seconds cost nothing. */
export class ProvisionBench {
  readonly clock: FakeClock;
  readonly simulator: Simulator;
  readonly http: HttpClient;
  readonly folder = testFolder();
  #token: (() => Promise<string>) | undefined;

  constructor(clock: FakeClock, simulator: Simulator, http: HttpClient) {
    this.clock = clock;
    this.simulator = simulator;
    this.http = http;
  }

  /** Starts a tenant without any application; closed after the test. */
  static async start(options: Partial<SimulatorOptions> = {}): Promise<ProvisionBench> {
    // Assertions of certificates are dated by the host's clock.
    const clock = new FakeClock(Math.floor(Date.now() / 1000) * 1000);
    const simulator = await startSimulator({
      seed: 3,
      ratePerMinute: 0,
      clock,
      registered: false,
      approveDeviceCodes: true,
      ...options,
    });
    const http = createHttpClient({
      tls: { ca: simulator.caFile, verify: true },
      timeoutMs: 20_000,
      maxResponseBytes: 2 ** 24,
      userAgent: 'test',
    });
    onTestFinished(async () => {
      http.close();
      await simulator.close();
    });
    return new ProvisionBench(clock, simulator, http);
  }

  get endpoints() {
    return resolveEndpoints('commercial', undefined, this.simulator.endpoints);
  }

  get tenant() {
    return { name: 'contoso', id: this.simulator.credentials.tenantId };
  }

  /** Returns a request for a secret, which costs no time to make. */
  request(changes: Partial<ProvisionRequest> = {}): ProvisionRequest {
    return {
      tenant: this.tenant,
      auth: undefined,
      clientId: changes.auth?.clientId,
      ownsItself: false,
      connector: undefined,
      permissions: twoPermissions,
      kind: 'secret',
      days: 365,
      federated: undefined,
      folder: this.folder,
      repair: false,
      multiTenant: false,
      customer: false,
      ...changes,
    };
  }

  /** Signs in; a person's sign-in is kept for the next call. */
  async token(how: AdminSignIn = { kind: 'device-code' }): Promise<() => Promise<string>> {
    if (how.kind !== 'device-code') return this.#signIn(how);
    this.#token ??= await this.#signIn(how);
    return this.#token;
  }

  #signIn(how: AdminSignIn): Promise<() => Promise<string>> {
    const { tenant, endpoints, http, clock } = this;
    const signal = new AbortController().signal;
    return signIn(how, true, { tenant, endpoints, http, clock, show: () => {}, signal });
  }

  /** Returns the directory as the signed-in person has it, through `http`. */
  async directory(http: HttpClient = this.http, tell: (line: string) => void = () => {}): Promise<Directory> {
    const token = await this.token();
    return createGraphDirectory({
      http,
      origin: this.endpoints.origins.graph,
      token,
      clock: this.clock,
      tell,
    });
  }

  /** Provisions as the command does, up to the configuration. */
  async provision(request: ProvisionRequest, http: HttpClient = this.http): Promise<Run> {
    const lines: string[] = [];
    const tell = (line: string) => void lines.push(line);
    const directory = await this.directory(http, tell);
    const parts = { directory, clock: this.clock, tell, signal: new AbortController().signal };
    const draft = await draftProvision(request, parts);
    const done = await carryOut(draft, request, parts);
    await done.finish();
    return { draft, done, lines };
  }

  /** Lets the directory's replicas agree. */
  settle(): void {
    this.clock.advance(60_000);
    this.simulator.control.directory.settle();
  }

  /** Returns the applications that carry a connector's tag. */
  applications(connector = 'default') {
    return this.simulator.control.directory
      .applications()
      .filter(({ tags }) => tags.includes(`defender-siem:${connector}`));
  }
}
