import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSink } from '../../src/app/sink.ts';
import { messageOf } from '../../src/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Payload } from '../../src/sinks/sink.ts';
import type { Section } from '../support/connector-config.ts';
import { freePort, type PeerName, startPeer } from '../support/debian-peer.ts';
import { noTenant } from '../support/no-tenant.ts';
import { sinkConfig } from '../support/sink-config.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { complaintAbout, eventsOf, formatNames } from './hostile-readings.ts';
import { type HostileRecord, hostileRecords } from './hostile-records.ts';

const longestWaitMs = 20_000;
/** As much as both servers are told to take. */
const maxMessageBytes = 60_000;

/** What a real syslog server made of hostile text. */
export interface PeerReport {
  readonly messages: number;
  readonly broken: readonly string[];
}

/**
 * Sends hostile records in each format to a real syslog server, over each transport that it takes, and reads what it
 * wrote, message by message, with strict parsers.
 */
export async function throughPeer(name: PeerName, seed: number, count: number): Promise<PeerReport> {
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-peer-'));
  const written = join(folder, 'written');
  try {
    const port = await freePort();
    const second = await freePort();
    const configuration = configurations[name](written, port, second);
    await using _server = await startPeer(name, configuration, { folder, ports: [port, second] });
    const ways: readonly Section[] =
      name === 'rsyslog'
        ? [
            { transport: 'tcp', port },
            { transport: 'tcp', port, framing: 'newline' },
            { transport: 'relp', port: second },
          ]
        : [
            { transport: 'tcp', port },
            { transport: 'tcp', port: second, framing: 'newline' },
          ];
    const broken: string[] = [];
    let messages = 0;
    for (const [index, way] of ways.entries()) {
      for (const format of formatNames) {
        const records = hostileRecords(`${name}-${index}-${format}`, seed + index, count);
        const sent = await send(folder, { ...way, format }, records);
        const arrived = await linesIn(written, messages + sent.length);
        const where = `${name}, ${way.transport} ${way.framing ?? ''}, ${format}`;
        broken.push(...compare(where, sent, arrived.slice(messages), format, tabs[name]));
        messages = arrived.length;
      }
    }
    return { messages, broken };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sent {
  readonly record: HostileRecord;
  readonly text: string;
  readonly truncated: boolean;
}

/** Sends each record in a batch of one connection, and returns the texts that were sent. */
async function send(
  folder: string,
  way: Section,
  records: readonly HostileRecord[],
): Promise<readonly Sent[]> {
  const config = sinkConfig(folder, {
    name: 'peer',
    type: 'syslog',
    host: '127.0.0.1',
    maxMessageBytes,
    ...way,
  });
  const { sink, format } = createSink(config, {
    clock: systemClock,
    log: silentLog,
    monitorTokens: noTenant,
  });
  const events = eventsOf(records);
  const sent: Sent[] = [];
  const payloads: Payload[] = [];
  for (const [index, event] of events.entries()) {
    const made = format(event, sink.payloadBytes(event));
    const record = records[index];
    if (made.kind === 'oversize' || record === undefined) continue;
    payloads.push({ event, text: made.text });
    sent.push({ record, text: made.text, truncated: made.truncated.length > 0 });
  }
  try {
    const outcomes = await sink.send(payloads, new AbortController().signal);
    const refused = outcomes.find(({ kind }) => kind !== 'accepted');
    if (refused !== undefined) throw new Error(JSON.stringify(refused));
  } finally {
    await sink[Symbol.asyncDispose]();
  }
  return sent;
}

/** Resolves with the lines of a file once there are `count`, or none comes any more. */
async function linesIn(path: string, count: number): Promise<readonly string[]> {
  const untilMs = performance.now() + longestWaitMs;
  for (;;) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const lines = size === 0 ? [] : readFileSync(path, 'utf8').replace(/\n$/, '').split('\n');
    if (lines.length >= count || performance.now() > untilMs) return lines;
    await sleep(20);
  }
}

function compare(
  where: string,
  sent: readonly Sent[],
  arrived: readonly string[],
  format: (typeof formatNames)[number],
  tab: string,
): readonly string[] {
  const broken: string[] = [];
  if (arrived.length !== sent.length) broken.push(`${where}: ${sent.length} sent, ${arrived.length} arrived`);
  for (const [index, { record, text, truncated }] of sent.entries()) {
    const written = text.replaceAll('\t', tab);
    const complaint =
      complaintAboutLine(arrived[index] ?? '', written) ?? complaintAbout(format, record, text, truncated);
    if (complaint !== undefined)
      broken.push(`${where}: ${complaint} in ${(arrived[index] ?? '').slice(0, 500)}`);
  }
  return broken.slice(0, 5);
}

/** Returns what is wrong with a message that should have this text. */
function complaintAboutLine(line: string, text: string): string | undefined {
  try {
    const found = parse5424(Buffer.from(line)).text;
    return found === text ? undefined : `it is not what was sent, ${JSON.stringify(text.slice(0, 500))}`;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * How a server writes a TAB, which stands in values of CEF alone. By default rsyslog escapes control characters so; it
 * finds no other in what it is sent.
 */
const tabs: Readonly<Record<PeerName, string>> = { rsyslog: '#011', 'syslog-ng': '\t' };

/** By server: every message as it came, a line each; on a second port what else it takes. */
const configurations: Readonly<Record<PeerName, (file: string, port: number, second: number) => string>> = {
  rsyslog: (file, port, second) => `
global(maxMessageSize="128k")
module(load="imtcp")
module(load="imrelp")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="all") { action(type="omfile" file="${file}" template="raw") }
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="all")
input(type="imrelp" port="${second}" maxDataSize="128k" ruleset="all")
`,
  'syslog-ng': (file, port, second) => `@version: 3.38
options { stats_freq(0); log_msg_size(131072); };
source octets { syslog(ip("127.0.0.1") port(${port}) transport("tcp") flags(no-parse)); };
source lines { network(ip("127.0.0.1") port(${second}) transport("tcp") flags(no-parse)); };
destination all { file("${file}" template("\${MSG}\\n")); };
log { source(octets); source(lines); destination(all); };
`,
};
