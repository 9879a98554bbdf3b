import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectorError } from '../../src/errors.ts';
import { epochMs, type Instant, parseInstant } from '../../src/fields/instant.ts';
import type { PublishedRecord } from '../../src/simulator/control.ts';
import type { Random } from '../../src/simulator/random.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import type { SourceProgress } from '../../src/store/store.ts';
import { type Connector, openConnector } from './connector.ts';
import { SteppedClock } from './stepped-clock.ts';

/** A state that an API shows, and when it was last updated. */
export interface ShownState {
  readonly key: string;
  readonly updated: Instant;
}

/**
 * A connector that reads the alerts of a simulated tenant into a file of JSON, poll by poll, on a clock that stands
 * still while it does: what is shown at a poll is what that poll could read.
 */
export class Listening implements AsyncDisposable {
  readonly clock: SteppedClock;
  readonly simulator: Simulator;
  readonly #folder: string;
  readonly #source: Readonly<Record<string, unknown>>;
  #connector: Connector | undefined;

  private constructor(
    folder: string,
    simulator: Simulator,
    clock: SteppedClock,
    source: Readonly<Record<string, unknown>>,
  ) {
    this.#folder = folder;
    this.simulator = simulator;
    this.clock = clock;
    this.#source = source;
  }

  /** Starts the tenant; `source` has further keys of the source, `type` among them where it is not Graph's alerts. */
  static async start(
    world: Omit<SimulatorOptions, 'clock'>,
    random: Random,
    source: Readonly<Record<string, unknown>>,
  ): Promise<Listening> {
    const clock = new SteppedClock(() => random.next());
    const simulator = await startSimulator({ ...world, clock });
    return new Listening(mkdtempSync(join(tmpdir(), 'campaign-listening-')), simulator, clock, source);
  }

  /** Ends the process, as a deployment would; the next use starts it again. */
  async stop(): Promise<void> {
    await this.#connector?.[Symbol.asyncDispose]();
    this.#connector = undefined;
  }

  /** Reads once, delivers all, and audits if asked to. Throws what the source failed with. */
  async poll(options: { readonly audit?: boolean } = {}): Promise<void> {
    const { app } = await this.connector();
    const { failure, drained } = await app.once(AbortSignal.timeout(120_000), options);
    if (failure !== undefined) throw failure;
    if (!drained) throw new ConnectorError('BUG', 'a round did not drain its sink');
  }

  /** The running connector. */
  async connector(): Promise<Connector> {
    this.#connector ??= await openConnector(this.#folder, this.simulator, this.clock, {
      sources: [
        {
          name: 'alerts',
          type: 'graph-alerts',
          tenant: 'simulated',
          since: '6h',
          settle: '1s',
          ...this.#source,
        },
      ],
      sinks: [{ name: 'file', type: 'file', path: './alerts.json', format: 'json' }],
      watch: { heartbeat: '0s' },
      audit: { window: '48h' },
    });
    return this.#connector;
  }

  /** What the store holds of the source. */
  async progress(): Promise<SourceProgress | undefined> {
    const { store } = await this.connector();
    return (await store.progress()).sources.find(({ source }) => source === 'alerts');
  }

  /** All that the API of this source shows. */
  published(): readonly PublishedRecord[] {
    const kind = this.#source.type === 'alerts' ? 'alert' : 'graph-alert';
    return this.simulator.control.published()[kind];
  }

  /** What the API shows now, but for what is not settled. */
  shown(): readonly ShownState[] {
    return this.published().flatMap(({ id, version }) => {
      const updated = parseInstant(version);
      if (updated === undefined || epochMs(updated) >= this.clock.now() - 2000) return [];
      return [{ key: `${id} ${version}`, updated }];
    });
  }

  /** Everything that the receiver has got, in order. */
  delivered(): readonly Readonly<Record<string, unknown>>[] {
    const path = join(this.#folder, 'alerts.json');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  /** The states among it, `id version`. */
  deliveredStates(): readonly string[] {
    return this.delivered().flatMap(({ id, lastUpdateDateTime, lastUpdateTime }) => {
      const version = lastUpdateDateTime ?? lastUpdateTime;
      return version === undefined ? [] : [`${String(id)} ${String(version)}`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.simulator.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
