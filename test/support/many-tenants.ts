import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Control } from '../../src/simulator/control.ts';
import { type FurtherTenant, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { ManyTenantsReport } from './many-tenants-process.ts';

/** A way in which a tenant is broken, by its name. */
export type Ailment = keyof typeof ailments;

/** How each ailment is brought about. None of them ever ends. */
const ailments = {
  'its API never ends an answer': (control: Control) =>
    control.fault({ target: 'graph-alerts', kind: 'slow-body', pauseMs: 1 }),
  'its authority never ends an answer': (control: Control) =>
    control.fault({ target: 'token', kind: 'slow-body', pauseMs: 1 }),
  'its API throttles': (control: Control) =>
    control.fault({ target: 'graph-alerts', kind: 'throttle', retryAfterSeconds: 3 }),
  'its API is away': (control: Control) =>
    control.fault({ target: 'graph-alerts', kind: 'status', status: 503 }),
  'its API cuts each connection': (control: Control) =>
    control.fault({ target: 'graph-alerts', kind: 'reset', when: 'before-headers' }),
  'it has not consented': (control: Control) => {
    control.registration.servicePrincipalId = undefined;
  },
  'it took the permission back': (control: Control) => {
    control.registration.roles.graph = [];
  },
} as const;

/** What a test of many tenants is made of. */
export interface ManyTenantsOptions {
  readonly seed: number;
  readonly tenants: number;
  /** So many of them are broken, in one way after the other. */
  readonly broken: number;
  readonly alertsEach: number;
  /** So many of the others show so many alerts more, of 20 KB each. Default: none. */
  readonly huge?: { readonly tenants: number; readonly alerts: number };
  /** How often each is read. */
  readonly every: string;
  /** The connector's waits take so many times less. */
  readonly speed: number;
}

/** A simulated tenant, and what ails it. */
export interface ATenant extends FurtherTenant {
  readonly name: string;
  readonly ailment: Ailment | undefined;
}

/** A simulator of many tenants, and a connector that reads them all in a process of its own. */
export class ManyTenants implements AsyncDisposable {
  readonly tenants: readonly ATenant[];
  /** Ids of tenants, one for each answer of the alerts API that was good, in their order. */
  readonly reads: string[] = [];
  readonly #simulator: Simulator;
  readonly #folder: string;
  readonly #child: ReturnType<typeof spawnConnector>;
  readonly #ended: Promise<string>;

  private constructor(simulator: Simulator, options: ManyTenantsOptions) {
    this.#simulator = simulator;
    const kinds = Object.keys(ailments) as Ailment[];
    this.tenants = simulator.tenants.map((tenant, index) => {
      // Spread over the list, and so over the start.
      const step = Math.floor(options.tenants / Math.max(1, options.broken));
      const isBroken = index % step === 0 && index / step < options.broken;
      const ailment = isBroken ? kinds[(index / step) % kinds.length] : undefined;
      if (ailment !== undefined) ailments[ailment](tenant.control);
      return { ...tenant, name: `c${index}`, ailment };
    });
    const { huge = { tenants: 0, alerts: 0 } } = options;
    for (const { control } of this.healthy.slice(0, huge.tenants)) showMany(control, huge.alerts);
    this.#folder = mkdtempSync(join(tmpdir(), 'many-tenants-'));
    const rows = this.tenants.map(({ name, tenantId }) => `${name},${tenantId}`);
    writeFileSync(join(this.#folder, 'customers.csv'), `name,id\n${rows.join('\n')}\n`);
    const path = join(this.#folder, 'defender-siem.yaml');
    writeFileSync(path, stringify(configOf(simulator, options)), { mode: 0o600 });
    this.#child = spawnConnector(path, options.speed);
    this.#ended = outcomeOf(this.#child);
  }

  static async start(options: ManyTenantsOptions): Promise<ManyTenants> {
    const { seed, tenants, alertsEach } = options;
    // Its time stands still: nothing changes while it is read. What it begins to send slowly, it never ends.
    const now = Math.floor((Date.now() - 10_000) / 1000) * 1000;
    const heard: { reads?: string[] } = {};
    const simulator = await startSimulator({
      seed,
      ratePerMinute: 0,
      historyAlerts: alertsEach,
      historySpanMs: 3_600_000,
      visibilityLagMs: 0,
      quotas: false,
      tenants,
      clock: { now: () => now, random: () => 0.5, sleep: () => new Promise(() => {}) },
      onAnswer: (tenantId, api, status) => {
        if (api === 'graph-alerts' && status === 200) heard.reads?.push(tenantId);
      },
    });
    const many = new ManyTenants(simulator, options);
    heard.reads = many.reads;
    return many;
  }

  get healthy(): readonly ATenant[] {
    return this.tenants.filter(({ ailment }) => ailment === undefined);
  }

  /** Returns what a tenant shows that is not delivered yet, and what of it was delivered more than once. */
  delivery(): { readonly missing: readonly string[]; readonly repeated: readonly string[] } {
    const counts = new Map<string, number>();
    for (const line of this.#delivered()) {
      const id = /"id":"([^"]+)"/.exec(line)?.[1] ?? '';
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const shown = this.healthy.flatMap(({ control }) =>
      control.published()['graph-alert'].map(({ id }) => id),
    );
    return {
      missing: shown.filter((id) => !counts.has(id)),
      repeated: shown.filter((id) => (counts.get(id) ?? 0) > 1),
    };
  }

  /**
   * Returns how far the tenants have come: in rounds, of as many calls as the healthy tenant with the fewest has made, and
   * how many calls the broken ones have made.
   */
  shares(): { readonly rounds: { readonly most: number }; readonly brokenCalls: number } {
    const counts = Map.groupBy(this.reads, (id) => id);
    const made = this.healthy.map(({ tenantId }) => counts.get(tenantId)?.length ?? 0);
    const brokenCalls = this.tenants
      .filter(({ ailment }) => ailment !== undefined)
      .flatMap(({ control }) =>
        Object.values(control.requests()).flatMap((answers) => Object.values(answers)),
      )
      .reduce((sum, count) => sum + count, 0);
    return { rounds: { most: Math.max(...made) / Math.min(...made) }, brokenCalls };
  }

  /** Resolves when `is` holds; rejects when the connector has ended before. */
  async until(is: () => boolean): Promise<void> {
    while (!is()) {
      if (this.#child.exitCode !== null) throw new Error(`the connector has ended: ${await this.#ended}`);
      await pause(100);
    }
  }

  /** Lets the connector end; resolves with what it came to. */
  async end(): Promise<ManyTenantsReport> {
    this.#child.stdin.end();
    return JSON.parse(await this.#ended) as ManyTenantsReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    await this.#simulator.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #delivered(): readonly string[] {
    try {
      return readFileSync(join(this.#folder, 'out.ndjson'), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  }
}

/** Shows alerts of the last minutes, as large as those with much evidence. */
function showMany(control: Control, alerts: number): void {
  const newest =
    Date.parse(control.published()['graph-alert'].at(-1)?.version ?? '') || Date.now() - 3_600_000;
  const description = 'x'.repeat(20_000);
  for (let index = 0; index < alerts; index++) {
    const at = new Date(newest - index * 500).toISOString();
    const id = `${control.registration.tenantId}_${index}`;
    control.inject('graph-alert', {
      id,
      createdDateTime: at,
      lastUpdateDateTime: at,
      severity: 'low',
      description,
    });
  }
}

function configOf({ endpoints, caFile, credentials }: Simulator, { every }: ManyTenantsOptions) {
  const { clientId, clientSecret } = credentials;
  return {
    store: { path: './state.db' },
    tenants: [
      {
        name: 'msp',
        customers: 'customers.csv',
        endpoints,
        tls: { ca: caFile },
        auth: { clientId, clientSecret },
      },
    ],
    sources: [{ name: 'alerts', tenant: 'msp', every, since: '2h' }],
    sinks: [{ name: 'out', type: 'file', format: 'json', path: './out.ndjson' }],
    // Those of the connector's own would be one more kind of line in the file.
    watch: { heartbeat: '0s', blindSpots: false },
  };
}

function spawnConnector(config: string, speed: number) {
  const program = fileURLToPath(new URL('many-tenants-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', program, config, String(speed), '60000']);
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** Resolves with what it wrote, its errors behind; never rejects. */
async function outcomeOf(child: ReturnType<typeof spawnConnector>): Promise<string> {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece;
  });
  child.stdin.on('error', () => {});
  await once(child, 'close');
  return text + errors;
}
