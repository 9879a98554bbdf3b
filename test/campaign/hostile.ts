import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { createSink } from '../../src/app/sink.ts';
import { loadConfig } from '../../src/config/load.ts';
import { messageOf } from '../../src/errors.ts';
import type { SecurityEvent } from '../../src/event.ts';
import type { Formatter } from '../../src/formats/format.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Payload, Sink } from '../../src/sinks/sink.ts';
import type { Section } from '../support/connector-config.ts';
import { whyNoPeer } from '../support/debian-peer.ts';
import { noTenant } from '../support/no-tenant.ts';
import { ProgramProcess } from '../support/program-process.ts';
import { throughPeer } from './hostile-peers.ts';
import {
  answerOf,
  complaintAbout,
  eventsOf,
  type FormatName,
  formatNames,
  formatted,
  wholeFormat,
} from './hostile-readings.ts';
import { type HostileRecord, hostileRecords } from './hostile-records.ts';
import { openTransports, type Transport } from './hostile-transports.ts';
import type { Scale, Scenario } from './scenario.ts';

const batchSize = 100;
/** One batch in so many has a record of a megabyte, and one of 5,000 levels. */
const extremesEvery = 20;
/** Fewer at a time than any socket's buffer holds as datagrams. */
const sendAtOnce = 20;
const longestWaitMs = 20_000;
/** Text that an attacker chose, through every format and every transport, read back by parsers of our own. */
export const scenario: Scenario = {
  name: 'hostile',
  promise:
    'no text of a record ends a field, adds one, starts a message or breaks the framing; every value comes back',
  async run({ seed, long, note }) {
    const folder = mkdtempSync(join(tmpdir(), 'defender-siem-hostile-'));
    try {
      await using bench = await HostileBench.open(folder);
      const total = long ? 100_000 : 300;
      for (let done = 0; done < total; done += batchSize) {
        const round = done / batchSize;
        const extremes = round % extremesEvery === 0;
        const records = hostileRecords(`hostile-${round}`, seed + round, batchSize, extremes);
        await bench.send(records, seed + round);
        if (done > 0 && done % 10_000 === 0) note(`${done} records, ${bench.broken.length} broken promises`);
      }
      await bench.throughCommand(hostileRecords('command', seed, batchSize), seed);
      const peers = long ? await throughPeers(seed, note) : { figures: {}, broken: [] };
      return {
        figures: { records: total, ...(await bench.figures()), ...peers.figures },
        broken: [...bench.broken, ...peers.broken],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Real syslog servers read it too, where they can be had; the figures count what each wrote. */
async function throughPeers(
  seed: number,
  note: Scale['note'],
): Promise<{ readonly figures: Readonly<Record<string, number>>; readonly broken: readonly string[] }> {
  const figures: Record<string, number> = {};
  const broken: string[] = [];
  for (const name of ['rsyslog', 'syslog-ng'] as const) {
    const missing = await whyNoPeer(name);
    if (missing === undefined) {
      const report = await throughPeer(name, seed, 1000);
      figures[name] = report.messages;
      broken.push(...report.broken);
    } else note(`NOT TESTED against ${name}: ${missing}`);
  }
  return { figures, broken };
}

/** One format on its way over one transport. */
interface Lane {
  readonly transport: Transport;
  readonly formatName: FormatName;
  readonly sink: Sink;
  readonly format: Formatter;
}

/** Every format and every transport, with the receivers at the other end. */
class HostileBench implements AsyncDisposable {
  readonly broken: string[] = [];
  readonly #transports: readonly Transport[];
  readonly #lanes: readonly Lane[];
  #texts = 0;
  #messages = 0;
  #oversize = 0;

  private constructor(transports: readonly Transport[], lanes: readonly Lane[]) {
    this.#transports = transports;
    this.#lanes = lanes;
  }

  static async open(folder: string): Promise<HostileBench> {
    const transports = await openTransports(folder);
    const sections = transports.flatMap(({ section }) =>
      formatNames.map((format) => ({
        ...section,
        name: `${section.name}-${format}`,
        format,
        ...('path' in section ? { path: `${section.path}.${format}` } : {}),
      })),
    );
    const config = loadConfig(configOf(folder, sections), parts, {});
    const lanes = config.sinks.map((sink): Lane => {
      const formatName = formatNames.find((name) => name === sink.format);
      const transport = transports.find(({ name }) => sink.name === `${name}-${formatName}`);
      if (transport === undefined || formatName === undefined) throw new Error(`no transport ${sink.name}`);
      const made = createSink(sink, { clock: systemClock, log: silentLog, monitorTokens: noTenant });
      return { transport, formatName, format: made.format, sink: transport.sink ?? made.sink };
    });
    return new HostileBench(transports, lanes);
  }

  /** Sends records over each transport, in a format that `turn` chooses, and compares what comes with what they say. */
  async send(records: readonly HostileRecord[], turn: number): Promise<void> {
    const events = eventsOf(records);
    if (events.length !== records.length) {
      this.broken.push(`an answer of ${records.length} records was split into ${events.length}`);
      return;
    }
    for (const [index, event] of events.entries()) {
      const record = records[index];
      if (record === undefined) continue;
      for (const name of formatNames) this.#read(name, record, formatted(wholeFormat(name), event));
    }
    for (const [index, transport] of this.#transports.entries()) {
      const lanes = this.#lanes.filter((candidate) => candidate.transport === transport);
      const lane = lanes[(index + turn) % lanes.length];
      if (lane !== undefined) await this.#sendOver(lane, events, records);
    }
  }

  /** The real process writes what it formats to its standard output. */
  async throughCommand(records: readonly HostileRecord[], turn: number): Promise<void> {
    const name = formatNames[turn % formatNames.length] ?? 'cef';
    const args = ['format', '--as', name];
    await using program = new ProgramProcess(args, { input: answerOf(records) });
    const { code, stdout } = await program.ended();
    const wanted = eventsOf(records).map((event) => formatted(wholeFormat(name), event));
    this.#compare(`format --as ${name}`, wanted, stdout.replace(/\n$/, '').split('\n'));
    if (code !== 0) this.broken.push(`format: exit code ${code}`);
  }

  async figures(): Promise<Readonly<Record<string, number>>> {
    // Should a message too many be on its way, it has this long to arrive.
    await sleep(100);
    for (const transport of this.#transports) this.#more(transport);
    return {
      texts: this.#texts,
      transports: this.#transports.length + 1,
      messages: this.#messages,
      oversize: this.#oversize,
      wrong: this.broken.length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { sink } of this.#lanes) await sink[Symbol.asyncDispose]();
    for (const transport of this.#transports) await transport[Symbol.asyncDispose]();
  }

  async #sendOver(
    lane: Lane,
    events: readonly SecurityEvent[],
    records: readonly HostileRecord[],
  ): Promise<void> {
    const { transport, formatName, sink } = lane;
    const where = `${transport.name}, ${formatName}`;
    const payloads = events.flatMap((event, index): Payload[] => {
      const made = lane.format(event, sink.payloadBytes(event));
      if (made.kind === 'oversize') {
        this.#oversize += 1;
        return [];
      }
      const record = records[index];
      if (record !== undefined && made.truncated.length > 0) this.#read(formatName, record, made.text, true);
      return [{ event, text: made.text }];
    });
    for (let at = 0; at < payloads.length; at += sendAtOnce) {
      const part = payloads.slice(at, at + sendAtOnce);
      const outcomes = await sink.send(part, new AbortController().signal);
      const refused = outcomes.filter(({ kind }) => kind !== 'accepted');
      if (refused.length > 0) this.broken.push(`${where}: ${JSON.stringify(refused[0])}`);
      this.#compare(
        where,
        part.map(({ text }) => text),
        await this.#arrived(lane, part.length),
      );
    }
  }

  /** What arrives until there is as much as was sent, or nothing comes any more. */
  async #arrived({ transport, formatName }: Lane, count: number): Promise<readonly string[]> {
    const arrived: string[] = [];
    const untilMs = performance.now() + longestWaitMs;
    while (arrived.length < count && performance.now() < untilMs) {
      try {
        arrived.push(...transport.take(formatName));
      } catch (error) {
        this.broken.push(`${transport.name}, ${formatName}: ${messageOf(error)}`);
        return arrived;
      }
      if (arrived.length < count) await sleep(1);
    }
    return arrived;
  }

  #more(transport: Transport): void {
    const more = formatNames.flatMap((format) => transport.take(format));
    if (more.length > 0) this.broken.push(`${transport.name}: ${more.length} messages too many`);
  }

  #compare(where: string, sent: readonly string[], arrived: readonly string[]): void {
    this.#messages += arrived.length;
    if (arrived.length !== sent.length)
      this.broken.push(`${where}: ${sent.length} sent, ${arrived.length} arrived`);
    const other = sent.findIndex((text, index) => text !== arrived[index]);
    if (other === -1) return;
    const short = (text = '') => JSON.stringify(text.slice(0, 300));
    this.broken.push(`${where}: sent ${short(sent[other])}, arrived ${short(arrived[other])}`);
  }

  #read(name: FormatName, record: HostileRecord, text: string, shortened = false): void {
    this.#texts += 1;
    const complaint = complaintAbout(name, record, text, shortened);
    if (complaint === undefined) return;
    this.broken.push(`${name}: ${complaint} in ${text.slice(0, 300)} of ${record.json.slice(0, 2000)}`);
  }
}

/** A configuration with these sinks; nobody reads its source. */
function configOf(folder: string, sinks: readonly Section[]): string {
  const path = join(folder, 'defender-siem.yaml');
  const auth = { clientId: '11111111-1111-4111-8111-111111111111', clientSecret: 'none' };
  const tenants = [{ name: 'nobody', id: '00000000-0000-4000-8000-000000000000', auth }];
  const sources = [{ name: 'alerts', tenant: 'nobody' }];
  writeFileSync(path, stringify({ store: { path: './state.db' }, tenants, sources, sinks }), { mode: 0o600 });
  return path;
}
