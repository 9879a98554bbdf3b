import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedTenant } from '../../src/commands/demo/configuration.ts';
import { addMs, instantOf } from '../../src/fields/instant.ts';
import type { BlindSpot } from '../../src/runtime/blind-spots.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { FaultKind } from '../../src/simulator/faults.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Authority, createAuthority } from '../support/certificates.ts';
import { FastClock } from '../support/fast-clock.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { padStore } from '../support/padded-store.ts';
import { type Connector, openConnector } from './connector.ts';
import { type HeartbeatKills, killHeartbeats } from './heartbeat-kills.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

type Told = Readonly<Record<string, unknown>>;

/** Everything that can keep the connector from seeing or telling happens to it, and ends again. */
export const scenario: Scenario = {
  name: 'blind-spots',
  promise:
    'what the connector cannot see or tell is an event, once when it begins and once when it ends; no heartbeat is lost or comes twice',
  async run(scale) {
    const place = await Place.open(scale);
    try {
      const provoked = await provokeAll(place, scale);
      const kills = scale.long ? 60 : 2;
      const killed = await killHeartbeats(place.folder, place.simulator, place.random, kills);
      return judge(place.told(), provoked, killed, kills);
    } finally {
      await place.close();
    }
  },
};

/** How many times as fast as the host's the connector's clock runs: an hour takes 3.6 seconds. */
const speed = 1000;
const source = 'alerts';
const dayMs = 86_400_000;
const largeStore = 2 ** 30;
/** Text of a receiver's taste. */
const poison = 'this event nobody takes';

/** A connector that runs, with all that can happen to it. */
class Place {
  readonly folder: string;
  readonly clock: FastClock;
  readonly random: Random;
  readonly simulator: Simulator;
  readonly web: HttpReceiver;
  readonly authority: Authority;
  maxBytes = largeStore;
  #connector: Connector | undefined;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #ids = 0;

  private constructor(
    folder: string,
    clock: FastClock,
    random: Random,
    simulator: Simulator,
    web: HttpReceiver,
    authority: Authority,
  ) {
    this.folder = folder;
    this.clock = clock;
    this.random = random;
    this.simulator = simulator;
    this.web = web;
    this.authority = authority;
  }

  static async open({ seed }: Scale): Promise<Place> {
    const random = randomOf(seed, 'blind spots');
    const clock = new FastClock(speed, Date.now(), () => random.next());
    const options = { seed, ratePerMinute: 0, historyAlerts: 5, visibilityLagMs: 0, quotas: false };
    const simulator = await startSimulator({ ...options, clock, tokenLifetimeSeconds: 50 * 86_400 });
    const folder = mkdtempSync(join(tmpdir(), 'campaign-blind-spots-'));
    const place = new Place(folder, clock, random, simulator, await HttpReceiver.listen(), createAuthority());
    place.takeEvents();
    place.useCertificate(20);
    return place;
  }

  get connector(): Connector {
    if (this.#connector === undefined) throw new Error('the connector does not run');
    return this.#connector;
  }

  async start(): Promise<void> {
    const tenant = simulatedTenant(this.simulator);
    this.#connector = await openConnector(this.folder, this.simulator, this.clock, {
      store: { path: './state.db', maxBytes: `${this.maxBytes}B` },
      tenants: [
        tenant,
        // The library that asks for tokens lives by the host's clock: nothing is read with this one.
        {
          ...tenant,
          name: 'certified',
          auth: { clientId: tenant.auth.clientId, certificate: { path: './app.pem' } },
        },
      ],
      sources: [
        {
          name: source,
          type: 'graph-alerts',
          tenant: 'simulated',
          every: '30s',
          settle: '1s',
          overlap: '5m',
        },
        { name: 'endpoint', type: 'alerts', tenant: 'simulated', every: '10m', settle: '1s' },
      ],
      sinks: [
        { name: 'watch', type: 'file', path: './watch.json', format: 'json' },
        { name: 'web', type: 'http', url: this.web.url, format: 'json', retry: { max: '30s' } },
      ],
      routes: [{ from: ['connector'], to: ['watch'] }, { to: ['web'] }],
      audit: { every: '10m' },
      shutdown: { grace: '200ms' },
    });
    this.#stop = new AbortController();
    this.#running = this.#connector.app.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#connector?.[Symbol.asyncDispose]();
    this.#connector = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.simulator.close();
    await this.web[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Every event of the connector's own that the receiver has got, in order. */
  told(): readonly Told[] {
    const path = join(this.folder, 'watch.json');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    // A batch in flight when a program ends comes once more, the same to the letter.
    return [...new Set(lines)].map((line) => JSON.parse(line) as Told);
  }

  /** Waits until the receiver has got one more beginning or end of this than `before`. */
  async until(
    type: BlindSpot,
    state: 'opened' | 'closed',
    before: number,
    meanwhile: (place: Place) => void = () => {},
  ): Promise<boolean> {
    const endMs = performance.now() + 30_000;
    for (let look = 1; count(this.told(), type, state) <= before; look++) {
      if (performance.now() > endMs) return false;
      if (look % 25 === 0) meanwhile(this);
      await systemClock.sleep(10);
    }
    return true;
  }

  /** Adds an alert, which keeps the sinks busy; returns its id. */
  alert(facts: Told = {}): string {
    this.#ids++;
    const id = `da-${this.#ids}`;
    const now = instantOf(this.clock.now());
    const times = { createdDateTime: now, lastUpdateDateTime: now };
    this.simulator.control.inject('graph-alert', { id, title: 'x', severity: 'low', ...times, ...facts });
    return id;
  }

  fault(fault: FaultKind & { readonly onlyAlert?: string }): void {
    this.simulator.control.fault({ ...fault, target: 'graph-alerts' });
  }

  endFaults(): void {
    this.simulator.control.clearFaults();
  }

  takeEvents(): void {
    this.web.answer = ({ body }) => ({ status: body.includes(poison) ? 400 : 200 });
  }

  useCertificate(days: number): void {
    const validity = {
      notBefore: new Date(this.clock.now() - dayMs),
      notAfter: new Date(this.clock.now() + days * dayMs),
    };
    const { cert, key } = this.authority.issue('app', undefined, validity);
    writeFileSync(join(this.folder, 'app.pem'), cert + key);
  }
}

/** How a blind spot comes about, and how it ends. */
interface Cause {
  begin(place: Place): void | Promise<void>;
  end(place: Place): void | Promise<void>;
  /** What goes on while the end is waited for. */
  meanwhile?(place: Place): void;
}

const causes: Readonly<Record<BlindSpot, Cause>> = {
  gap: {
    begin: (place) => place.fault({ kind: 'broken-json', onlyAlert: place.alert() }),
    end: (place) => place.endFaults(),
  },
  stall: {
    begin: (place) => place.fault({ kind: 'status', status: 503 }),
    end: (place) => place.endFaults(),
  },
  'partial-answer': {
    begin: (place) => place.fault({ kind: place.random.pick(['warning', 'partial']) }),
    end: (place) => place.endFaults(),
  },
  'permission-lost': {
    begin: (place) => place.fault({ kind: 'status', status: 403 }),
    end: (place) => place.endFaults(),
  },
  'credential-expiring': {
    // A certificate is looked at when the program starts, and then only once an hour.
    async begin(place) {
      place.useCertificate(20);
      await place.restart();
    },
    async end(place) {
      place.useCertificate(300);
      await place.restart();
    },
  },
  'dead-letters': {
    begin: (place) => {
      place.alert();
      place.alert({ title: poison });
      place.alert();
    },
    async end(place) {
      const letters = await place.connector.store.deadLetters('web');
      await place.connector.store.removeDeadLetters(
        'web',
        letters.map(({ entry }) => entry.position),
      );
    },
  },
  'sink-failing': {
    begin(place) {
      place.web.answer = () => place.random.pick(['reset', { status: 503 }] as const);
      place.alert();
    },
    end: (place) => place.takeEvents(),
  },
  'journal-near-bound': {
    async begin(place) {
      await place.stop();
      await padStore(join(place.folder, 'state.db'), 54 * 2 ** 20);
      place.maxBytes = 64 * 2 ** 20;
      await place.start();
    },
    async end(place) {
      place.maxBytes = largeStore;
      await place.restart();
    },
  },
  'unknown-shape': {
    begin: (place) => void place.alert({ id: ' ' }),
    end: () => {},
    // It is over with the first answer that holds records, and none of that kind.
    meanwhile: (place) => void place.alert(),
  },
  'audit-missing': {
    async begin(place) {
      // Behind what is read, however far that is behind the clock on a busy machine.
      const watermark = await place.connector.store.watermark(source);
      const late =
        watermark === undefined ? instantOf(place.clock.now() - 3_600_000) : addMs(watermark, -3_600_000);
      place.alert({ createdDateTime: late, lastUpdateDateTime: late });
    },
    end: () => {},
  },
};

/** Lets each happen and end; resolves with those of which the beginning or the end was not told. */
async function provokeAll(place: Place, { long, note }: Scale): Promise<readonly Provoked[]> {
  const provoked: Provoked[] = [];
  await place.start();
  await first(place, (told) => told.watermark !== undefined);
  for (let round = 1; round <= (long ? 8 : 1); round++) {
    for (const type of shuffled(Object.keys(causes) as BlindSpot[], place.random)) {
      // A process that ends in the middle of it must neither begin it anew nor forget to end it.
      const outcome = await provoke(place, type, place.random.chance(long ? 0.5 : 0.2));
      provoked.push(outcome);
      note(`${type}: ${outcome.opened ? 'told' : 'NOT TOLD'}, ${outcome.closed ? 'closed' : 'NOT CLOSED'}`);
    }
  }
  await place.stop();
  return provoked;
}

interface Provoked {
  readonly type: BlindSpot;
  readonly opened: boolean;
  readonly closed: boolean;
}

async function provoke(place: Place, type: BlindSpot, restart: boolean): Promise<Provoked> {
  const before = place.told();
  // The first certificate is about to end when the program starts.
  const open = count(before, type, 'opened') > count(before, type, 'closed');
  await causes[type].begin(place);
  const opened = await place.until(type, 'opened', count(before, type, 'opened') - (open ? 1 : 0));
  if (restart) await place.restart();
  await causes[type].end(place);
  const closed = await place.until(type, 'closed', count(before, type, 'closed'), causes[type].meanwhile);
  return { type, opened, closed };
}

async function first(place: Place, wanted: (told: Told) => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!place.told().some(wanted) && performance.now() < endMs) await systemClock.sleep(10);
}

function judge(
  told: readonly Told[],
  provoked: readonly Provoked[],
  killed: HeartbeatKills,
  kills: number,
): Report {
  const broken: string[] = [...killed.broken];
  for (const { type, opened, closed } of provoked) {
    if (!opened) broken.push(`${type} was not told`);
    else if (!closed) broken.push(`the end of ${type} was not told`);
  }
  const heartbeats = told.filter(({ type }) => type === 'heartbeat');
  let missing = killed.missing;
  for (const [name, beats] of Map.groupBy(heartbeats, (beat) => beat.source)) {
    const numbers = beats.map(({ number }) => number);
    const expected = numbers.map((_, index) => index + 1);
    if (numbers.join() === expected.join()) continue;
    missing += expected.filter((number) => !numbers.includes(number)).length || 1;
    const strays = numbers.filter((number, at) => number !== at + 1).slice(0, 5);
    broken.push(`heartbeats of ${name} are not numbered one after the other: from ${strays.join(', ')} on`);
  }
  if (new Set(heartbeats.map((beat) => beat.source)).size < 2) broken.push('a source has no heartbeat');
  broken.push(...pairsBroken(told));
  return {
    figures: {
      provoked: provoked.length,
      told: provoked.filter(({ opened }) => opened).length,
      closed: provoked.filter(({ closed }) => closed).length,
      kills,
      heartbeats: heartbeats.length + killed.heartbeats,
      'numbers missing': missing,
    },
    broken,
  };
}

/** A blind spot opens, may get worse, and closes, all under one number, before it opens under the next. */
function pairsBroken(told: readonly Told[]): readonly string[] {
  const broken: string[] = [];
  const spots = told.filter(({ type }) => type !== 'heartbeat');
  const keyOf = ({ type, tenant, source: name, sink }: Told) => [type, tenant, name, sink].join('/');
  for (const [key, events] of Map.groupBy(spots, keyOf)) {
    let open: Told | undefined;
    let number = 0;
    for (const event of events) {
      const worse = open !== undefined && event.severity === 'high' && open.severity === 'medium';
      if (event.state === 'opened' && (open === undefined || worse)) {
        if (open === undefined) number++;
        open = event;
      } else if (event.state === 'closed' && open !== undefined) open = undefined;
      else broken.push(`${key} ${event.number} ${event.state} comes twice`);
      if (event.number !== number)
        broken.push(`${key} has the number ${event.number} where ${number} is due`);
    }
  }
  return broken;
}

function count(told: readonly Told[], type: BlindSpot, state: 'opened' | 'closed'): number {
  return told.filter((event) => event.type === type && event.state === state).length;
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
