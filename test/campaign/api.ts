import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog } from '../../src/runtime/log.ts';
import type { Fault, FaultKind } from '../../src/simulator/faults.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Connector, openConnector } from './connector.ts';
import { MovableClock } from './movable-clock.ts';
import { kinds, received, type SourceName, shapeless, shown, sourceNames, threeSources } from './received.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

/** An answer that trickles is given up after so long, by real time, ms: the usual two minutes are too long to wait. */
const shortAnswerMs = 1_000;

/** What an API does wrong for a round, and what may be missing while it does. */
interface Trouble {
  readonly name: string;
  readonly source: SourceName;
  readonly faults: readonly Fault[];
  /** `all`: the API is away. `one`: the alert `id` and no other. `nothing`: all comes in the same round. */
  readonly misses: 'all' | 'one' | 'nothing';
  readonly id: string;
}

/** Three APIs go wrong in all ways that are known, one after the other, while a world of alerts lives on. */
export const scenario: Scenario = {
  name: 'api',
  promise:
    'whatever an API does wrong, what can be read is read, what cannot is set aside, told and healed, and nothing is lost',
  async run(scale) {
    const folder = mkdtempSync(join(tmpdir(), 'campaign-api-'));
    const random = randomOf(scale.seed, 'api');
    const clock = new MovableClock(() => random.next());
    const simulator = await startSimulator({
      seed: scale.seed,
      ratePerMinute: 0.02,
      historyAlerts: scale.long ? 60 : 12,
      historySpanMs: 12 * 3_600_000,
      visibilityLagMs: 0,
      clock,
    });
    try {
      return await new Campaign(folder, simulator, clock, random, scale).run();
    } finally {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

class Campaign {
  readonly #folder: string;
  readonly #simulator: Simulator;
  readonly #clock: MovableClock;
  readonly #random: Random;
  readonly #scale: Scale;
  readonly #broken: string[] = [];
  #setAside = 0;
  #healed = 0;
  #faults = 0;
  #shapeless = 0;

  constructor(folder: string, simulator: Simulator, clock: MovableClock, random: Random, scale: Scale) {
    this.#folder = folder;
    this.#simulator = simulator;
    this.#clock = clock;
    this.#random = random;
    this.#scale = scale;
  }

  async run(): Promise<Report> {
    {
      await using impatient = await this.#open(shortAnswerMs);
      await this.#round(impatient, []);
      for (const source of this.#scale.long ? sourceNames : [this.#random.pick(sourceNames)]) {
        await this.#round(impatient, [this.#trouble(source, trickle)]);
      }
    }
    await using connector = await this.#open();
    const cycles = this.#scale.long ? 8 : 1;
    for (let cycle = 1; cycle <= cycles; cycle++) {
      for (let left = this.#shuffled(); left.length > 0; ) left = await this.#someOf(left, connector);
      this.#scale.note(`${cycle} of ${cycles} times all troubles`);
    }
    await this.#heal(connector);
    return this.#report();
  }

  #open(answerTimeoutMs?: number): Promise<Connector> {
    const log: Log = {
      ...silentLog,
      info: (_fields, message) => {
        if (message.startsWith('a gap was read')) this.#healed++;
      },
      error: (_fields, message) => {
        if (message.includes('set aside')) this.#setAside++;
      },
    };
    return openConnector(
      this.#folder,
      this.#simulator,
      this.#clock,
      threeSources({ pageSize: 8 }),
      log,
      answerTimeoutMs,
    );
  }

  #shuffled(): readonly Make[] {
    return troubles
      .map((make) => ({ make, at: this.#random.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ make }) => make);
  }

  /** A round of as many troubles as there are sources for them; returns those that are left. */
  async #someOf(makes: readonly Make[], connector: Connector): Promise<readonly Make[]> {
    const chosen = new Map<SourceName, Make>();
    for (const make of makes) {
      const free = (make.sources ?? sourceNames).filter((source) => !chosen.has(source));
      if (free.length > 0) chosen.set(this.#random.pick(free), make);
    }
    const now = [...chosen].map(([source, make]) => this.#trouble(source, make));
    await this.#round(connector, now);
    return makes.filter((make) => !now.some(({ name }) => name === make.name));
  }

  #trouble(source: SourceName, { name, misses, faults }: Make): Trouble {
    const alerts = this.#simulator.control.published()[kinds[source].kind];
    // What is still read again behind the watermark, or is still to come.
    const newest = alerts.toSorted((a, b) => (a.version < b.version ? 1 : -1));
    const id = newest[this.#random.between(0, 2)]?.id ?? '';
    const target = kinds[source].api;
    return {
      name,
      source,
      misses,
      id,
      faults: faults(id, this.#random).map((fault) => ({ target, ...fault })),
    };
  }

  /** Some time passes; then all is collected, while the troubles last, and once more where something was set aside. */
  async #round(connector: Connector, now: readonly Trouble[]): Promise<void> {
    const { control } = this.#simulator;
    this.#clock.pass(this.#random.between(10, 90) * 60_000);
    const ids = control.published()['graph-alert'].map(({ id }) => id);
    const status = this.#random.pick(['new', 'inProgress', 'resolved'] as const);
    control.bulkUpdate({ ids: [...ids.slice(-6), ...now.map(({ id }) => id)] }, { status });
    const id = `${shapeless}${this.#shapeless++}`;
    const odd = { FullId: id, Severity: 'Apocalyptic', IpAddress: { deep: [null] }, BrandNew: 7 };
    control.inject('detection', odd);
    // Words and evidence that nobody knows, and hardly a member that an alert should have.
    control.inject('graph-alert', {
      id: `odd-${id}`,
      lastUpdateDateTime: new Date(this.#clock.trueMs()).toISOString(),
      severity: 'unknownFutureValue',
      status: 'pondered',
      evidence: [{ '@odata.type': '#microsoft.graph.security.dreamEvidence', dream: [null] }],
    });
    this.#clock.pass(60_000);
    const faults = now.flatMap((trouble) => trouble.faults);
    control.fault(...faults);
    this.#faults += faults.length;
    const beforeMs = this.#clock.trueMs() - 5000;
    const expected = new Map(sourceNames.map((name) => [name, shown(this.#simulator, name, beforeMs)]));
    await connector.app.once(AbortSignal.timeout(60_000));
    for (const [source, states] of expected) {
      this.#compare(
        source,
        states,
        now.find((trouble) => trouble.source === source),
      );
    }
    control.clearFaults();
    if (!now.some(({ misses }) => misses === 'one')) return;
    this.#clock.pass(120_000);
    await connector.app.once(AbortSignal.timeout(60_000));
    for (const [source, states] of expected) this.#compare(source, states, undefined);
  }

  #compare(source: SourceName, expected: readonly string[], trouble: Trouble | undefined): void {
    const states = received(this.#folder, source);
    // What was updated again while it was collected comes as what it is now, perhaps by the next run.
    const now = new Set(shown(this.#simulator, source, Number.POSITIVE_INFINITY));
    const missing = expected.filter((state) => !states.has(state) && now.has(state));
    const excused = (state: string) =>
      trouble?.misses === 'all' || (trouble?.misses === 'one' && state.startsWith(`${trouble.id} `));
    for (const state of missing.filter((candidate) => !excused(candidate))) {
      this.#broken.push(`${source} lacks ${state} while ${trouble?.name ?? 'nothing is wrong'}`);
    }
  }

  /** All is well again: after the longest wait for a gap nothing may be missing. */
  async #heal(connector: Connector): Promise<void> {
    for (let round = 0; round < 4; round++) {
      this.#clock.pass(6 * 3_600_000);
      await connector.app.once(AbortSignal.timeout(60_000));
    }
    for (const source of sourceNames) {
      for (const { from, to, reason } of await connector.store.gaps(source)) {
        this.#broken.push(`${source}: ${from} to ${to} was never healed: ${reason}`);
      }
    }
  }

  #report(): Report {
    let alerts = 0;
    let lost = 0;
    let repeated = 0;
    for (const source of sourceNames) {
      const states = received(this.#folder, source);
      for (const state of shown(this.#simulator, source, this.#clock.trueMs() - 7_200_000)) {
        alerts++;
        if (states.has(state)) continue;
        lost++;
        this.#broken.push(`${source} never got ${state}`);
      }
      for (const [state, times] of states) {
        repeated += times - 1;
        if (times > 1) this.#broken.push(`${source} got ${state} ${times} times`);
      }
    }
    const told = [...received(this.#folder, 'siem').keys()].filter((state) =>
      state.startsWith(shapeless),
    ).length;
    if (told !== this.#shapeless) {
      this.#broken.push(`of ${this.#shapeless} records of unknown shape ${told} came`);
    }
    const requests = Object.values(this.#simulator.control.requests()).flatMap(Object.values);
    return {
      figures: {
        faults: this.#faults,
        alerts,
        lost,
        repeated,
        'of unknown shape': told,
        'set aside': this.#setAside,
        healed: this.#healed,
        calls: requests.reduce((sum: number, count: number) => sum + count, 0),
      },
      broken: this.#broken,
    };
  }
}

type What = FaultKind & Omit<Fault, 'kind' | 'target'>;

interface Make {
  readonly name: string;
  readonly sources?: readonly SourceName[];
  readonly misses: Trouble['misses'];
  faults(id: string, random: Random): readonly What[];
}

const paged: readonly SourceName[] = ['graph', 'endpoint'];

/** A body that never ends, one that takes real time. */
const trickle: Make = {
  name: 'a body that trickles without end',
  misses: 'nothing',
  faults: () => [{ kind: 'slow-drip', pauseMs: 20, times: 1 }],
};

/** Every other way in which an API goes wrong. */
const troubles: readonly Make[] = [
  { name: '500 now and then', misses: 'nothing', faults: () => [{ kind: 'status', status: 500, times: 3 }] },
  {
    name: '500 on one page',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'status', status: 500, whilePaging: true, times: 6 }],
  },
  { name: '503 for all', misses: 'all', faults: () => [{ kind: 'status', status: 503 }] },
  {
    name: '500 for one alert',
    misses: 'one',
    sources: ['graph'],
    faults: (onlyAlert) => [{ kind: 'status', status: 500, onlyAlert }],
  },
  {
    name: '500 for one alert with its evidence in a list',
    misses: 'nothing',
    sources: ['endpoint'],
    faults: (onlyAlert) => [{ kind: 'status', status: 500, onlyAlert, onlyExpanded: true }],
  },
  {
    name: '500 for one alert with its evidence',
    misses: 'one',
    sources: ['endpoint'],
    faults: (onlyAlert) => [
      { kind: 'status', status: 500, onlyAlert, onlyExpanded: true },
      { kind: 'status', status: 500, onlyAlert, onlySingle: true },
    ],
  },
  {
    name: '500 for all evidence in lists',
    misses: 'nothing',
    sources: ['endpoint'],
    faults: () => [{ kind: 'status', status: 500, onlyExpanded: true }],
  },
  {
    name: '500 for large pages',
    misses: 'nothing',
    sources: paged,
    faults: (_id, random) => [{ kind: 'status', status: 500, onlyTopAbove: random.between(1, 6) }],
  },
  { name: 'bodies that are cut', misses: 'nothing', faults: () => [{ kind: 'truncated-json', times: 3 }] },
  { name: 'a record that is no JSON', misses: 'nothing', faults: () => [{ kind: 'broken-json', times: 1 }] },
  {
    name: 'one record that is never JSON',
    misses: 'one',
    sources: ['graph'],
    faults: (onlyAlert) => [{ kind: 'broken-json', onlyAlert }],
  },
  {
    name: 'HTML in place of an answer',
    misses: 'nothing',
    faults: () => [{ kind: 'html', status: 200, times: 4 }],
  },
  { name: 'a gateway that refuses', misses: 'all', faults: () => [{ kind: 'html', status: 403 }] },
  { name: 'empty bodies', misses: 'nothing', faults: () => [{ kind: 'empty-body', times: 4 }] },
  {
    name: 'resets in mid-body',
    misses: 'nothing',
    faults: () => [{ kind: 'reset', when: 'after-headers', times: 4 }],
  },
  {
    name: 'resets for one alert',
    misses: 'one',
    sources: ['graph'],
    faults: (onlyAlert) => [{ kind: 'reset', when: 'after-headers', onlyAlert }],
  },
  {
    name: 'bodies that are shorter than told',
    misses: 'nothing',
    faults: () => [{ kind: 'wrong-length', times: 2 }],
  },
  {
    name: 'links that expire',
    misses: 'nothing',
    sources: ['graph'],
    faults: () => [{ kind: 'expired-next-link' }],
  },
  {
    name: 'links that are gone',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'status', status: 410, whilePaging: true, times: 2 }],
  },
  {
    name: '401 while paging',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'unauthorized', whilePaging: true, times: 1 }],
  },
  { name: '403 for one API', misses: 'all', faults: () => [{ kind: 'status', status: 403 }] },
  {
    name: '429 again and again',
    misses: 'all',
    faults: (_id, random) => [
      { kind: 'throttle', retryAfterSeconds: random.between(0, 30), times: random.between(1, 15) },
    ],
  },
  { name: 'a Warning', misses: 'nothing', faults: () => [{ kind: 'warning', times: 2 }] },
  { name: 'an answer in part', misses: 'nothing', faults: () => [{ kind: 'partial' }] },
  {
    name: 'a page twice over its edge',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'duplicate-across-pages', times: 3 }],
  },
  {
    name: 'an empty page',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'empty-page', times: 1 }],
  },
  {
    name: 'a link to another host',
    misses: 'nothing',
    sources: paged,
    faults: () => [{ kind: 'foreign-next-link', times: 1 }],
  },
];
