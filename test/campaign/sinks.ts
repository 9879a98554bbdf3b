import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { createAuthority } from '../support/certificates.ts';
import { FaultyElastic } from './faulty-elastic.ts';
import { FaultyFile } from './faulty-file.ts';
import { FaultyHec, FaultyHttp } from './faulty-http.ts';
import { FaultyLogsIngestion } from './faulty-logs-ingestion.ts';
import { alertId, type FaultySiem } from './faulty-siem.ts';
import { FaultyRelp, FaultyStream } from './faulty-syslog.ts';
import type { Report, Scale, Scenario } from './scenario.ts';
import { holds, rigFolder, type SinkRig, startSinkRig } from './sink-rig.ts';
import { stallPipe } from './stalled-pipe.ts';

/** An hour is a second. */
const speed = 3_600;
const leastWaitMs = 8;
/** Most events that a receiver which refuses everything costs before that is clear (src/sinks/refusals.ts). */
const givenUpAtMost = 3;
/** Most lines that the log has for one fault: that it is there, its reasons, what it did, and that it is over. */
const linesAtMost = 8;
/** And for one bad event: that it holds up others while it is not clear whether it is bad, that it is, and that it was. */
const linesOfBad = 3;

/** A receiver that is always well: it must not wait for the others. */
interface WellSiem extends AsyncDisposable {
  readonly sink: Readonly<Record<string, unknown>> & { readonly name: string };
  received(): readonly string[];
}

async function wellUdp(): Promise<WellSiem> {
  const socket: Socket = createSocket('udp4');
  const received: string[] = [];
  socket.on('message', (message) => received.push(alertId(message.toString('utf8'))));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const sink = {
    name: 'well-udp',
    type: 'syslog',
    transport: 'udp',
    host: '127.0.0.1',
    port,
    format: 'json',
  };
  return {
    sink: { ...sink, maxMessageBytes: 60_000 },
    received: () => received,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function wellHttp(): Promise<WellSiem> {
  const siem = await FaultyHttp.listen('well-http', false);
  return {
    sink: siem.sink,
    received: () => siem.received(),
    [Symbol.asyncDispose]: () => siem[Symbol.asyncDispose](),
  };
}

async function faultySiems(folder: string): Promise<readonly FaultySiem[]> {
  const authority = createAuthority('Campaign Root');
  const ca = join(folder, 'root.pem');
  writeFileSync(ca, authority.cert);
  const tls = { authority, ca };
  return [
    await FaultyHttp.listen('http', true),
    await FaultyHttp.listen('https', false, tls),
    await FaultyHec.listen('hec', false),
    await FaultyHec.listen('hec-ack', true),
    await FaultyStream.listen('tcp'),
    await FaultyStream.listen('tls', tls),
    await FaultyRelp.listen('relp'),
    await FaultyElastic.listen(),
    await FaultyLogsIngestion.listen(folder),
    new FaultyFile('file', folder),
  ];
}

/** Deals each receiver all of its faults, in any order, before one comes a second time. */
class FaultDecks {
  readonly #left = new Map<string, string[]>();
  readonly #all = new Set<string>();
  readonly #dealt = new Set<string>();

  deal({ name, faults }: FaultySiem, random: Random): string {
    const names = Object.keys(faults);
    for (const fault of names) this.#all.add(`${name} ${fault}`);
    const left = this.#left.get(name) ?? [];
    const deck = left.length > 0 ? left : names;
    const fault = random.pick(deck);
    this.#left.set(
      name,
      deck.filter((other) => other !== fault),
    );
    this.#dealt.add(`${name} ${fault}`);
    return fault;
  }

  /** How many different faults there were. */
  get ways(): number {
    return this.#dealt.size;
  }

  undealt(): readonly string[] {
    return [...this.#all].filter((fault) => !this.#dealt.has(fault));
  }
}

interface Totals {
  faults: number;
  hours: number;
  events: number;
  lost: number;
  repeated: number;
  'dead letters': number;
  'log lines': number;
}

async function run({ seed, long, note }: Scale): Promise<Report> {
  const totals = { faults: 0, hours: 0, events: 0, lost: 0, repeated: 0, 'dead letters': 0, 'log lines': 0 };
  const broken: string[] = [];
  const decks = new FaultDecks();
  for (let round = 0; round < (long ? 5 : 1); round++) {
    const say = (words: string) => broken.push(`round ${round}: ${words}`);
    await ordeal(`${seed} round ${round}`, long ? 8 : 2, decks, totals, say, note);
  }
  if (long) broken.push(...decks.undealt().map((fault) => `never tried: ${fault}`));
  const pipe = await stallPipe(seed, (words) => broken.push(words));
  totals.faults++;
  totals.events += pipe.events;
  totals.lost += pipe.lost;
  totals.repeated += pipe.repeated;
  const { faults, ...rest } = totals;
  return { figures: { faults, ways: decks.ways + 1, ...rest, hours: Math.round(totals.hours) }, broken };
}

/** Lets all receivers but two be ill in several ways, one after the other, and compares what they took in the end. */
async function ordeal(
  seed: string,
  waves: number,
  decks: FaultDecks,
  totals: Totals,
  say: (words: string) => void,
  note: (line: string) => void,
): Promise<void> {
  const random = randomOf(seed, 'sinks');
  const folder = rigFolder();
  await using well = new AsyncDisposableStack();
  const wells = [well.use(await wellUdp()), well.use(await wellHttp())];
  const siems = (await faultySiems(folder)).map((siem) => well.use(siem));
  const sinks = [...wells.map(({ sink }) => sink), ...siems.map(({ sink }) => sink)];
  const rig = well.use(await startSinkRig({ seed, speed, leastWaitMs, sinks, folder }));
  const startedMs = rig.clock.now();
  const refusedAll = new Map<string, number>();

  for (let wave = 0; wave < waves; wave++) {
    const faults = siems.map((siem) => ({ siem, fault: decks.deal(siem, random) }));
    const before = { well: await wellNow(rig), lines: rig.logged.length };
    totals.faults += faults.length;
    for (const { siem, fault } of faults) {
      if (siem.refusesAll.has(fault)) refusedAll.set(siem.name, (refusedAll.get(siem.name) ?? 0) + 1);
    }
    await Promise.all(faults.map(({ siem, fault }) => siem.begin(fault)));
    rig.publish(freshAlerts(wave, random.between(20, 50), random.between(0, 3)));
    if (!(await holds(() => wells.every((each) => hasAll(each.received(), rig.published(), () => false))))) {
      say(`wave ${wave}: the sinks that are well had to wait`);
    }
    const loud = faults.filter(({ siem, fault }) => siem.faults[fault] === true);
    for (const { siem, fault } of loud) {
      await expectTold(rig, siem.name, before, (where) =>
        say(`wave ${wave}: ${where} does not tell that ${siem.name} '${fault}'`),
      );
    }
    await rig.clock.sleep(random.between(10, 60) * 60_000);
    await Promise.all(siems.map((siem) => siem.mend()));
    // Every other time the next fault comes before all is delivered.
    if (wave % 2 === 1) await holds(async () => (await undone(rig, siems)).length === 0, 5_000);
    note(`wave ${wave}: ${faults.map(({ siem, fault }) => `${siem.name} ${fault}`).join(', ')}`);
  }

  await holds(async () => (await undone(rig, siems)).length === 0);
  for (const name of await undone(rig, siems)) say(`${name} did not get all after it was mended`);
  await expectBlindSpots(rig, say);
  totals.hours += (rig.clock.now() - startedMs) / 3_600_000;
  totals.events += rig.published().length;
  for (const siem of siems) await compare(rig, siem, waves, refusedAll.get(siem.name) ?? 0, totals, say);
}

/** Expects that blind spots were told of sinks that failed for minutes, and that each was taken back. */
async function expectBlindSpots(rig: SinkRig, say: (words: string) => void): Promise<void> {
  const states = async (state: string) => {
    const entries = await rig.store.readJournal(0, 100_000, 2 ** 30);
    const told = entries.filter(
      ({ source, json }) => source === 'connector' && json.includes('"sink-failing"'),
    );
    return told.filter(({ json }) => json.includes(`"state":"${state}"`)).length;
  };
  if ((await states('opened')) === 0) say('no blind spot was told');
  if (!(await holds(async () => (await states('opened')) === (await states('closed'))))) {
    say('a blind spot stays, though all sinks are well');
  }
}

function freshAlerts(wave: number, good: number, bad: number): readonly string[] {
  const ids = Array.from({ length: good }, (_, index) => `alert-${wave}-${index}`);
  for (let index = 0; index < bad; index++) ids.splice((index * 7) % good, 0, `bad-${wave}-${index}`);
  return ids;
}

function hasAll(received: readonly string[], ids: readonly string[], but: (id: string) => boolean): boolean {
  const there = new Set(received);
  return ids.every((id) => there.has(id) || but(id));
}

/** Expects that the status tells of a sink that fails, and so does the log where it was well before. */
async function expectTold(
  rig: SinkRig,
  name: string,
  before: { readonly well: ReadonlySet<string>; readonly lines: number },
  missing: (where: string) => void,
): Promise<void> {
  if (!(await holds(() => isTold(rig, name)))) missing('the status');
  const isLogged = () =>
    rig.logged.slice(before.lines).some(({ level, fields }) => level === 'warn' && fields.sink === name);
  if (before.well.has(name) && !(await holds(isLogged))) missing('the log');
}

/** Names of the sinks that fail at nothing. */
async function wellNow(rig: SinkRig): Promise<ReadonlySet<string>> {
  const { sinks } = await rig.store.progress();
  return new Set(sinks.filter(({ lastError }) => lastError === undefined).map(({ sink }) => sink));
}

async function isTold(rig: SinkRig, name: string): Promise<boolean> {
  const { sinks } = await rig.store.progress();
  return sinks.some(({ sink, lastError }) => sink === name && lastError !== undefined);
}

/** Names of the sinks that have not brought all that their receivers take, or do not say that they are well. */
async function undone(rig: SinkRig, siems: readonly FaultySiem[]): Promise<readonly string[]> {
  const { sinks } = await rig.store.progress();
  const names: string[] = [];
  for (const siem of siems) {
    const progress = sinks.find(({ sink }) => sink === siem.name);
    const refused = new Set(await rig.refused(siem.name));
    const all = hasAll(siem.received(), rig.published(), (id) => refused.has(id));
    if (progress?.backlog !== 0 || progress.lastError !== undefined || !all) names.push(siem.name);
  }
  return names;
}

async function compare(
  rig: SinkRig,
  siem: FaultySiem,
  faults: number,
  refusedAll: number,
  totals: Totals,
  say: (words: string) => void,
): Promise<void> {
  const received = siem.received();
  const there = new Set(received);
  const refused = await rig.refused(siem.name);
  const lost = rig.published().filter((id) => !there.has(id) && !refused.includes(id));
  const repeated = received.length - there.size;
  const { possiblyRepeated } = rig.telemetry.sink(siem.name);
  const lines = rig.logged.filter(({ fields }) => fields.sink === siem.name).length;
  totals.lost += lost.length;
  totals.repeated += repeated;
  totals['dead letters'] += refused.length;
  totals['log lines'] += lines;
  if (lost.length > 0) say(`${siem.name} lost ${lost.slice(0, 5).join(' ')}`);
  if (repeated > possiblyRepeated) say(`${siem.name}: ${repeated} repeats, ${possiblyRepeated} were counted`);
  const wronged = refused.filter((id) => !siem.refuses(id));
  if (wronged.length > refusedAll * givenUpAtMost) say(`${siem.name} gave up ${wronged.join(' ')}`);
  const bad = rig.published().filter((id) => siem.refuses(id));
  if (!hasAll(refused, bad, () => false)) say(`${siem.name} has not set every bad event aside`);
  const explained = linesAtMost * faults + linesOfBad * bad.length;
  if (lines > explained) say(`${siem.name} has ${lines} log lines of ${faults} faults`);
}

/** Item 2 of the promises. */
export const scenario: Scenario = {
  name: 'sinks',
  promise: 'a sink that is ill, in whatever way, loses nothing, holds up nobody, and is told of once',
  run,
};
