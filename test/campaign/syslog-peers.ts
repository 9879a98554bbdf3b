import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { messageOf } from '../../src/errors.ts';
import type { Random } from '../../src/simulator/random.ts';
import { freePort, type RunningPeer, startPeer } from '../support/debian-peer.ts';
import { FailingReceiver } from '../support/failing-receiver.ts';
import { RelpReceiver } from '../support/relp-receiver.ts';
import { parse5424 } from '../support/syslog-parser.ts';

/** A receiver that can be broken and mended, and what it has. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  /** Of the sink, as in the configuration. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Breaks something; returns what. */
  breakDown(random: Random): Promise<string>;
  mend(): Promise<void>;
  /** Ids of the events that it has, in order of arrival. */
  received(): readonly string[];
  /** What it was sent that no sender may send. */
  violations(): readonly string[];
}

/** A receiver of syslog over TCP, or with `tls` over TLS. */
export async function streamPeer(name: string, tls: TlsOptions | undefined): Promise<Peer> {
  const receiver = await FailingReceiver.listen(tls);
  let atMending = () => {};
  let broken = false;
  const faults: Readonly<Record<string, () => void>> = {
    'hangs and is reset': () => {
      receiver.pace = 'hangs';
      atMending = () => receiver.reset();
    },
    'hangs and is ended': () => {
      receiver.pace = 'hangs';
      atMending = () => receiver.close();
    },
    hangs: () => {
      receiver.pace = 'hangs';
    },
    'is slow': () => {
      receiver.pace = 'slow';
    },
    resets: () => receiver.reset(),
    closes: () => receiver.close(),
    'ends its direction': () => receiver.halfClose(),
    'hangs and ends its direction': () => {
      receiver.pace = 'hangs';
      receiver.halfClose();
    },
    refuses: () => {
      receiver.refuse();
      receiver.reset();
    },
  };
  return {
    name,
    options: { transport: tls === undefined ? 'tcp' : 'tls', port: receiver.port },
    async breakDown(random) {
      // Whatever the seed, what a stream cannot tell by itself happens once.
      const fault = broken ? random.pick(Object.keys(faults)) : 'hangs and is reset';
      broken = true;
      faults[fault]?.();
      return fault;
    },
    async mend() {
      atMending();
      atMending = () => {};
      receiver.pace = 'reads';
      await receiver.listenAgain();
    },
    received: () => receiver.messages.map(idOf),
    violations: () => receiver.violations,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

/** A receiver of RELP, with `tls` over TLS. */
export async function relpPeer(name: string): Promise<Peer> {
  const receiver = await RelpReceiver.listen();
  const once = (fault: NonNullable<ReturnType<RelpReceiver['fault']>>, after: number) => {
    let left = after;
    receiver.fault = () => (left-- === 0 ? fault : undefined);
  };
  return {
    name,
    options: { transport: 'relp', port: receiver.port, window: 8 },
    async breakDown(random) {
      const fault = random.pick([
        'no answer',
        'refuse',
        'serverclose',
        'reset',
        'hang up',
        'wrong number',
        'garbage',
        'is silent',
        'is reset',
      ] as const);
      if (fault === 'is silent') receiver.hold();
      else if (fault === 'is reset') receiver.reset();
      else once(fault, random.between(0, 20));
      return fault;
    },
    async mend() {
      receiver.fault = () => undefined;
      receiver.release();
    },
    received: () => receiver.messages.map(idOf),
    violations: () => receiver.violations,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

/** A real rsyslog with imrelp, which is killed and started again. */
export async function rsyslogPeer(name: string, folder: string): Promise<Peer> {
  const port = await freePort();
  const out = join(folder, `${name}.log`);
  const start = () => startPeer('rsyslog', imrelp(port, folder, out), { folder, ports: [port] });
  let running: RunningPeer | undefined = await start();
  return {
    name,
    options: { transport: 'relp', port },
    async breakDown() {
      await running?.kill();
      running = undefined;
      return 'is killed';
    },
    async mend() {
      running ??= await start();
    },
    received: () => linesOf(out).map((line) => idOfText(line)),
    violations: () => [],
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Returns the configuration of an rsyslog that takes RELP and writes messages to a file. With its queue of type
 * `direct` it answers once the line is written; with its usual one in memory it would answer before, and lose it when
 * it is killed.
 */
export function imrelp(port: number, folder: string, out: string): string {
  return `
global(workDirectory="${folder}")
main_queue(queue.type="direct")
module(load="imrelp")
template(name="text" type="string" string="%msg%\\n")
input(type="imrelp" port="${port}" address="127.0.0.1")
action(type="omfile" file="${out}" template="text" flushOnTXEnd="on" ioBufferSize="64k")
`;
}

/** Returns the whole lines of a file; none when there is no file. */
export function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

function idOf(message: Buffer): string {
  try {
    return idOfText(parse5424(message).text);
  } catch (error) {
    return `unreadable: ${messageOf(error)}`;
  }
}

/** Returns the id of an event written as JSON. */
function idOfText(text: string): string {
  const { id } = JSON.parse(text) as { readonly id: string };
  return id;
}
