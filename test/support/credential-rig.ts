import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { parts } from '../../src/parts.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { graphSource, type Section, stillSimulator, testFolder, writeConfig } from './connector-config.ts';
import { FastClock } from './fast-clock.ts';

/** The APIs that a credential can open, and what the simulator calls them. */
const apis = {
  graph: { type: 'graph-alerts', kind: 'graph-alert', target: 'graph-alerts' },
  defender: { type: 'alerts', kind: 'alert', target: 'defender-alerts' },
  siem: { type: 'detections', kind: 'detection', target: 'siem-detections' },
} as const;

/** An API that a credential can open. */
export type OpenedApi = keyof typeof apis;

const wait = { timeout: 20_000, interval: 50 };

/** A connector with some credential that collects from a simulator into a file. */
export class CredentialRig {
  readonly simulator: Simulator;
  readonly #clock: Clock;
  readonly #folder: string;
  readonly #read: readonly OpenedApi[];

  private constructor(simulator: Simulator, clock: Clock, read: readonly OpenedApi[]) {
    this.simulator = simulator;
    this.#clock = clock;
    this.#folder = testFolder();
    this.#read = read;
  }

  /**
   * Starts a simulator and returns a rig that reads these APIs of it. `leastMs`: the shortest wait of the host's time,
   * where the connector gives a request only so long before it goes on without it.
   */
  static async make(
    read: readonly OpenedApi[] = ['graph', 'defender', 'siem'],
    leastMs = 5,
  ): Promise<CredentialRig> {
    // What is waited for is the schedule. Microsoft’s library dates assertions by the host: 15 minutes apart is too far.
    const clock = new FastClock(30, Math.floor(Date.now() / 1000) * 1000 - 10_000, () => 0.5, leastMs);
    return new CredentialRig(await stillSimulator({ historyAlerts: 12, clock }), clock, read);
  }

  /** Returns another rig, with its own files and connector, for the same simulator. */
  another(): CredentialRig {
    return new CredentialRig(this.simulator, this.#clock, this.#read);
  }

  /** Returns the path of a file of the rig. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes a file that is for its owner alone; returns its path. */
  write(name: string, content: string | Buffer): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  /** Returns the configuration whose tenant has this `auth`. */
  config(auth: Section): Config {
    const sources = this.#read.map((api) => ({
      ...graphSource,
      name: api,
      type: apis[api].type,
      every: '20s',
    }));
    const sinks = [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }];
    const path = writeConfig(this.#folder, this.simulator, { sources, sinks, tenant: { auth } });
    return loadConfig(path, parts, {});
  }

  /** Starts the connector; it runs until the test is over, or what is returned stops it. */
  async start(config: Config): Promise<() => Promise<void>> {
    const store = openSqliteStore(this.path('state.db'));
    onTestFinished(() => store[Symbol.asyncDispose]());
    const app = await createApp(config, {
      store,
      telemetry: new Telemetry(),
      clock: this.#clock,
      log: silentLog,
    });
    onTestFinished(() => app[Symbol.asyncDispose]());
    const stop = new AbortController();
    const running = app.run(stop.signal);
    const end = async () => {
      stop.abort();
      await running;
    };
    onTestFinished(end);
    return end;
  }

  /** Resolves when everything that the APIs have shown is in the file. */
  async delivered(): Promise<void> {
    await vi.waitFor(() => {
      const text = readFileSync(this.path('alerts.json'), 'utf8');
      for (const api of this.#read) {
        const records = this.simulator.control.published()[apis[api].kind];
        expect(records.length).toBeGreaterThan(0);
        expect(records.filter(({ id }) => !text.includes(JSON.stringify(id)))).toEqual([]);
      }
    }, wait);
  }

  /** Refuses each API's token once, and shows a further alert; resolves when all collect with fresh ones. */
  async collectsWithFreshTokens(): Promise<void> {
    const { control } = this.simulator;
    // By the simulator's clock, which runs ahead of the host's: no run looks back for as long as a busy host may need.
    const now = new Date(this.#clock.now()).toISOString();
    const times = { createdDateTime: now, lastUpdateDateTime: now };
    const id = `late-${control.published()['graph-alert'].length}`;
    control.inject('graph-alert', { id, title: id, severity: 'low', status: 'new', ...times });
    control.resetCounters();
    for (const api of this.#read) {
      control.fault({ target: apis[api].target, kind: 'unauthorized', times: 1 });
    }
    await this.delivered();
    await vi.waitFor(() => {
      const answers = control.requests();
      for (const api of this.#read) {
        expect(answers[apis[api].target]).toEqual({ 200: expect.any(Number), 401: 1 });
      }
    }, wait);
  }
}
