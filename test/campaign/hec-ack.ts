import { type Random, randomOf } from '../../src/simulator/random.ts';
import { HecCollector } from '../support/hec-collector.ts';
import type { Answer } from '../support/http-receiver.ts';
import type { Report, Scale, Scenario } from './scenario.ts';
import { holds, type SinkRig, startSinkRig } from './sink-rig.ts';

const batchEvents = 20;

/** Something that goes wrong for some requests; what it does when it begins, and what it answers meanwhile. */
interface Misfortune {
  readonly begin?: (collector: HecCollector) => void;
  readonly answer?: (isAck: boolean) => Answer | undefined;
}

const says = (status: number, code: number): Answer => ({
  status,
  body: JSON.stringify({ text: 'no', code }),
});
const never = 1_000_000;

const misfortunes: Readonly<Record<string, Misfortune>> = {
  'restarts before anything is indexed': {
    begin(collector) {
      collector.indexesAtOnce = () => false;
      collector.delay = () => never;
      collector.restart();
    },
  },
  'restarts between indexing and acknowledging': {
    begin(collector) {
      collector.indexesAtOnce = () => true;
      collector.delay = () => 3;
      collector.lostAnswer = (_request, isAck) => {
        if (isAck) collector.restart();
        return undefined;
      };
    },
  },
  'never acknowledges': {
    begin(collector) {
      collector.delay = () => never;
    },
  },
  'acknowledges late': {
    begin(collector) {
      collector.delay = () => 15;
    },
  },
  'loses its answers to events': {
    begin(collector) {
      collector.lostAnswer = (_request, isAck) => (isAck ? undefined : 'reset');
    },
  },
  'loses its answers to questions': {
    begin(collector) {
      collector.delay = () => 0;
      collector.lostAnswer = (_request, isAck) => (isAck ? 'reset' : undefined);
    },
  },
  'is busy': { answer: () => says(503, 9) },
  'has no room for acknowledgements': { answer: (isAck) => (isAck ? undefined : says(429, 27)) },
  'knows the channel no more': { answer: (isAck) => (isAck ? says(400, 11) : undefined) },
  'gives no acknowledgements': { answer: (isAck) => (isAck ? says(400, 14) : undefined) },
  'is silent': { answer: () => 'hang' },
  'cuts the connection': { answer: () => 'reset' },
};

/** Lets misfortunes come over a collector, each for some requests, with some that go well in between. */
class Fate {
  readonly struck: string[] = [];
  readonly #collector: HecCollector;
  readonly #random: Random;
  readonly #most: number;
  #now: Misfortune | undefined;
  #left: number;

  constructor(collector: HecCollector, random: Random, most: number) {
    this.#collector = collector;
    this.#random = random;
    this.#most = most;
    this.#left = random.between(1, 5);
    collector.fault = (_request, isAck) => this.#answer(isAck);
    this.#mend();
  }

  #answer(isAck: boolean): Answer | undefined {
    if (this.#left-- === 0) this.#turn();
    return this.#now?.answer?.(isAck);
  }

  #turn(): void {
    this.#mend();
    const ill = this.#now === undefined && this.struck.length < this.#most;
    const name = this.#random.pick(Object.keys(misfortunes));
    this.#now = ill ? misfortunes[name] : undefined;
    // One that is silent is waited for: once is enough.
    this.#left = name === 'is silent' ? 0 : this.#random.between(1, ill ? 6 : 8);
    if (!ill) return;
    this.struck.push(name);
    this.#now?.begin?.(this.#collector);
  }

  #mend(): void {
    this.#collector.lostAnswer = () => undefined;
    this.#collector.delay = () => 1;
    this.#collector.indexesAtOnce = () => this.#random.chance(0.5);
  }
}

const setups = [
  { indexers: 1, sticky: true },
  { indexers: 3, sticky: true },
  { indexers: 2, sticky: false },
];

async function run({ seed, long, note }: Scale): Promise<Report> {
  const totals = { faults: 0, events: 0, lost: 0, repeated: 0, unacknowledged: 0 };
  const broken: string[] = [];
  for (let round = 0; round < (long ? 10 : 1); round++) {
    for (const setup of setups) {
      const where = `round ${round}, ${setup.indexers} indexers, ${setup.sticky ? 'sticky' : 'in turns'}`;
      const random = randomOf(seed, 'hec-ack', where);
      const struck = await ordeal(setup, random, long, totals, (words) => broken.push(`${where}: ${words}`));
      totals.faults += struck.length;
      note(`${where}: ${struck.length} faults, the first: ${struck.slice(0, 6).join(', ')}`);
    }
  }
  return { figures: totals, broken };
}

type Totals = Record<'events' | 'lost' | 'repeated' | 'unacknowledged', number>;

/** Delivers to one collector that misfortunes come over; returns those. */
async function ordeal(
  setup: (typeof setups)[number],
  random: Random,
  long: boolean,
  totals: Totals,
  say: (words: string) => void,
): Promise<readonly string[]> {
  await using collector = await HecCollector.listen(setup);
  const fate = new Fate(collector, random, long ? 40 : 5);
  const hec = { name: 'hec', type: 'splunk-hec', url: collector.url, token: 'hush', acknowledge: true };
  const sink = { ...hec, timeout: '150ms', maxRequestBytes: 10_000, batch: { maxEvents: batchEvents } };
  await using rig = await startSinkRig({ seed: random.hex(8), speed: 3_000, sinks: [sink] });
  rig.publish(Array.from({ length: long ? 1_000 : 90 }, (_, index) => `alert-${index}`));
  const restarts = long ? random.between(0, 3) : 0;
  for (let restart = 0; restart < restarts; restart++) {
    await holds(() => fate.struck.length > restart * 8, 5_000);
    await rig.restart();
  }
  if (!(await holds(() => delivered(rig, collector), 60_000))) say('not all was delivered');
  await check(rig, collector, restarts, totals, say);
  return fate.struck;
}

/** What is in the indexes, by id. */
function counts(collector: HecCollector): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id } of collector.indexed) found.set(id, (found.get(id) ?? 0) + 1);
  return found;
}

/** Tells whether all that exists was accepted, and is settled. */
async function delivered(rig: SinkRig, collector: HecCollector): Promise<boolean> {
  if (counts(collector).size < rig.published().length) return false;
  return (await rig.store.progress()).sinks.every(({ backlog }) => backlog === 0);
}

async function check(
  rig: SinkRig,
  collector: HecCollector,
  restarts: number,
  totals: Totals,
  say: (words: string) => void,
): Promise<void> {
  const found = counts(collector);
  const published = rig.published();
  const lost = published.filter((id) => !found.has(id));
  const repeated = collector.indexed.length - found.size;
  const { possiblyRepeated } = rig.telemetry.sink('hec');
  totals.events += published.length;
  totals.lost += lost.length;
  totals.repeated += repeated;
  totals.unacknowledged += possiblyRepeated;
  if (lost.length > 0) say(`lost: ${lost.slice(0, 5).join(' ')}`);
  // What was in flight when the connector was stopped comes again uncounted: a batch each time.
  const explained = possiblyRepeated + restarts * batchEvents;
  if (repeated > explained) say(`${repeated} repeats, of which only ${explained} are explained`);
  const refused = await rig.refused('hec');
  if (refused.length > 0) say(`dead letters: ${refused.join(' ')}`);
}

/** Item 4 of the promises: an event counts as delivered only when it is indexed. */
export const scenario: Scenario = {
  name: 'hec-ack',
  promise:
    'what an indexer has not acknowledged is sent again, whatever becomes of channels, answers and indexers',
  run,
};
