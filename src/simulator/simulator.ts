import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { ApiName, Quota } from './api.ts';
import { createServerTls, type ServerTls } from './certificates.ts';
import type { Control } from './control.ts';
import { controlPaths } from './control-paths.ts';
import { Directory } from './directory/directory.ts';
import { directoryRegistrations } from './directory/registrations.ts';
import { FaultBook } from './faults.ts';
import type { Gate } from './gate.ts';
import { ManagedIdentities, usualIdentities } from './identity/managed-identity.ts';
import { type ManagedIdentityEndpoint, managedIdentityAt } from './identity/managed-identity-endpoint.ts';
import { OidcIssuers } from './identity/oidc-issuers.ts';
import { onlyRegistration, readyMadeRegistration, registrationsOf } from './identity/registration.ts';
import { PersonSignedIn, SignIns } from './identity/sign-ins.ts';
import type { SimulatedCloud } from './identity/tenant-cloud.ts';
import { InjectedRecords } from './injected.ts';
import { originOf, startListening, stopListening } from './listeners.ts';
import { randomOf } from './random.ts';
import { RequestCounts } from './request-counts.ts';
import type { ServerParts } from './server.ts';
import { type Tenant, usualHabits } from './tenant.ts';
import { serveTenant, Tenants } from './tenants.ts';
import { type Stragglers, World } from './world.ts';

/** What a simulator is started with. Two with the same seed and clock tell the same world. */
export interface SimulatorOptions {
  readonly seed: number;
  /** New alerts a minute; 0 for a world in which nothing new happens. */
  readonly ratePerMinute: number;
  readonly clock: Clock;
  /** Port of all but the SIEM API and the managed identities, which take the next two; 0, the default, for any. */
  readonly port?: number;
  /** Where the certificates are written; default: a fresh temporary folder. */
  readonly tlsDirectory?: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Alerts that exist at the start, and over which span before it, ms. Default: none, 7 days. */
  readonly historyAlerts?: number;
  readonly historySpanMs?: number;
  /** Default: 3599 s. */
  readonly tokenLifetimeSeconds?: number;
  /** Microsoft's quotas (`true`, the default), none (`false`), or others for the named APIs. */
  readonly quotas?: boolean | Partial<Readonly<Record<ApiName, Quota>>>;
  /** The longest time from an update until the APIs show it, ms; six times as long for the SIEM API. Default: 20 s. */
  readonly visibilityLagMs?: number;
  /** Updates that the APIs show far later than that. Default: none. */
  readonly stragglers?: Stragglers;
  /** Which share of the alerts carries hostile text, 0 to 1. Default: 0. */
  readonly hostileShare?: number;
  /** False for a tenant without the ready-made application: one is to be made over Graph first. Default: true. */
  readonly registered?: boolean;
  /**
   * The longest time until a change of the directory is known to all of Graph and to the token endpoint, ms; 0 for at once.
   * Default: 10 s.
   */
  readonly directorySettleMs?: number;
  /** Further tenants, each with a world of its own, in which the same application is registered. Default: none. */
  readonly tenants?: number;
  /** Device codes are confirmed as soon as they are shown. Default: by `control.approveDeviceCode`. */
  readonly approveDeviceCodes?: boolean;
  /** Where Azure Arc leaves the files that it asks for; real machines have `/var/opt/azcmagent/tokens`. */
  readonly arcDirectory?: string;
  /** The cloud in which the tenants live, as their metadata tells. Default: commercial. */
  readonly cloud?: SimulatedCloud;
  /** Told of each answer, in the order in which they are given; the tenant by its id. */
  readonly onAnswer?: (tenantId: string, api: string, status: number) => void;
}

/** A further tenant. Its control makes faults for itself alone; time goes on for all together. */
export interface FurtherTenant {
  readonly tenantId: string;
  readonly control: Control;
}

/** Origins of the simulated services, such as `https://127.0.0.1:8443`. */
export interface SimulatorEndpoints {
  readonly authority: string;
  readonly graph: string;
  readonly defender: string;
  readonly xdr: string;
  readonly siem: string;
}

/** A running simulator. */
export interface Simulator {
  readonly endpoints: SimulatorEndpoints;
  /** The throw-away authority's certificate: the file, and its PEM. */
  readonly caFile: string;
  readonly caPem: string;
  /** What an operator would be given. The secret is worth nothing outside of this simulator. */
  readonly credentials: {
    readonly tenantId: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Steers the simulator from within the process; over HTTP it is under `/_control/`. */
  readonly control: Control;
  readonly managedIdentity: ManagedIdentityEndpoint;
  /** The further tenants. */
  readonly tenants: readonly FurtherTenant[];
  /** Closes the listeners and every connection, and removes the temporary folder of the certificates. */
  close(): Promise<void>;
}

const defaults = {
  tenantId: '51515151-0000-4000-8000-7e4a4700c0de',
  clientId: '51515151-0000-4000-8000-0000000c11e4',
  clientSecret: 'simulated-secret-worth-nothing',
  historySpanMs: 7 * 86_400_000,
  tokenLifetimeSeconds: 3599,
  visibilityLagMs: 20_000,
  directorySettleMs: 10_000,
} as const;

/**
 * Starts the simulator: a TLS server on 127.0.0.1 that speaks Entra's token endpoint, the Graph alerts, Defender for
 * Endpoint alerts and SIEM APIs. Rejects with the error of node:net when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const credentials = {
    tenantId: options.tenantId ?? defaults.tenantId,
    clientId: options.clientId ?? defaults.clientId,
    clientSecret: options.clientSecret ?? defaults.clientSecret,
  };
  const tls = await createServerTls(options.tlsDirectory);
  const { parts, tenants } = assemble(options, credentials, tls);
  const servers = await startListening(options.port ?? 0, tls, parts);
  const origin = originOf(servers.main);
  return {
    endpoints: {
      authority: origin,
      graph: origin,
      defender: origin,
      xdr: origin,
      siem: originOf(servers.siem),
    },
    caFile: tls.caFile,
    caPem: tls.caPem,
    credentials,
    control: parts.tenants.first.control,
    managedIdentity: managedIdentityAt(originOf(servers.identity), parts.managedIdentities.header),
    tenants,
    close: async () => {
      await stopListening(servers);
      if (options.tlsDirectory === undefined) rmSync(dirname(tls.caFile), { recursive: true, force: true });
    },
  };
}

function assemble(
  options: SimulatorOptions,
  identity: Simulator['credentials'],
  { tokenKeys: keys, caFile }: ServerTls,
): { parts: ServerParts; tenants: readonly FurtherTenant[] } {
  const { clock } = options;
  let ahead = 0;
  const now = () => clock.now() + ahead;
  const advance = (ms: number) => {
    ahead += ms;
  };
  const faults = new FaultBook(randomOf(options.seed, 'faults'));
  const counts = new RequestCounts();
  const { tokenLifetimeSeconds = defaults.tokenLifetimeSeconds, cloud = 'commercial' } = options;
  const issuers = new OidcIssuers();
  const partner = new PersonSignedIn();
  const identities = usualIdentities();
  const shared = { keys, quota: quotaChoice(options.quotas ?? true), faults, now, advance };
  const directories: Directory[] = [];
  const serve = (tenantId: string, seed: number, own: RequestCounts) => {
    const registration = readyMadeRegistration({ ...identity, tenantId, tokenLifetimeSeconds });
    const tenant = tenantOf({ ...options, seed }, tenantId, directories);
    directories.push(tenant.directory);
    const readyMade = options.registered === false ? [] : [onlyRegistration(registration)];
    const madeOverGraph = directoryRegistrations(tenant.directory, registration);
    return serveTenant({
      ...shared,
      tenant,
      domains: own === counts ? ['contoso.example', 'contoso.onmicrosoft.example'] : [],
      registration,
      registrations: registrationsOf(...readyMade, madeOverGraph),
      identity: {
        signIns: new SignIns(options.approveDeviceCodes ?? false, partner),
        issuers,
        cloud: { home: cloud, authority: cloud },
        managedIdentities: identities,
        clockMs: () => clock.now(),
      },
      onlyOwnFaults: own !== counts,
      counts: own,
    });
  };
  const others = Array.from({ length: options.tenants ?? 0 }, (_, index) => {
    const chance = randomOf(options.seed, 'tenant', index);
    return serve(chance.guid(), chance.between(1, 2 ** 31), new RequestCounts(counts));
  });
  const tenants = new Tenants(serve(identity.tenantId, options.seed, counts), others);
  return {
    parts: {
      tenants,
      issuers,
      managedIdentities: new ManagedIdentities(
        { tenantId: identity.tenantId, keys, arcDirectory: options.arcDirectory ?? dirname(caFile) },
        identities,
      ),
      faults,
      control: controlPaths(tenants),
      clock,
      now,
      onAnswer: options.onAnswer,
    },
    tenants: others.map(({ tenant: { tenantId }, control }) => ({ tenantId, control })),
  };
}

function tenantOf(options: SimulatorOptions, tenantId: string, directories: readonly Directory[]): Tenant {
  const world = new World({
    seed: options.seed,
    startMs: options.clock.now(),
    ratePerMinute: options.ratePerMinute,
    historyAlerts: options.historyAlerts ?? 0,
    historySpanMs: options.historySpanMs ?? defaults.historySpanMs,
    visibilityLagMs: options.visibilityLagMs ?? defaults.visibilityLagMs,
    stragglers: options.stragglers ?? { share: 0, lagMs: 0 },
    hostileShare: options.hostileShare ?? 0,
  });
  world.advanceTo(options.clock.now());
  const directory = new Directory({
    seed: options.seed,
    tenantId,
    displayName: 'Contoso',
    settleMs: options.directorySettleMs ?? defaults.directorySettleMs,
    all: directories,
    now: () => options.clock.now(),
  });
  return { tenantId, world, injected: new InjectedRecords(), habits: usualHabits(), directory };
}

function quotaChoice(chosen: NonNullable<SimulatorOptions['quotas']>): Gate['quota'] {
  if (chosen === false) return () => ({});
  if (chosen === true) return (api) => api.quota;
  return (api) => chosen[api.name] ?? api.quota;
}
