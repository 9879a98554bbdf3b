import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { randomOf } from '../../src/simulator/random.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { openConnector } from './connector.ts';

/** What a run on a small disk came to; printed as one line of JSON. */
export interface FullDiskReport {
  readonly faults: number;
  readonly events: number;
  readonly lost: number;
  readonly repeated: number;
  /** Events that were delivered while the disk was full. */
  readonly deliveredWhileFull: number;
  readonly broken: readonly string[];
}

const timeoutMs = 60_000;
/** A minute of the connector's takes so much less of ours. */
const speed = 200;

/**
 * A connector whose store is in `folder`, on a disk of its own that is filled to the last byte again and again, while
 * its sink is down and comes back: `<folder> <seed> <rounds>`.
 */
const [folder = '', seed = '1', rounds = '1'] = process.argv.slice(2);
const random = randomOf(Number(seed), 'full disk');
const startMs = Date.now();
const began = performance.now();
const clock: Required<Clock> = {
  now: () => Math.floor(startMs + clock.elapsed()),
  elapsed: () => (performance.now() - began) * speed,
  random: () => random.next(),
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
};
const simulator = await startSimulator({
  seed: Number(seed),
  ratePerMinute: 3,
  historyAlerts: 40,
  historySpanMs: 3_600_000,
  visibilityLagMs: 0,
  clock,
});
await using receiver = await HttpReceiver.listen();
let up = true;
const received: string[] = [];
receiver.answer = ({ body }) => {
  if (!up) return { status: 503 };
  for (const line of body.split('\n').filter((text) => text !== '')) {
    const { id, lastUpdateDateTime } = JSON.parse(line) as Readonly<Record<string, string>>;
    received.push(`${id} ${lastUpdateDateTime}`);
  }
  return { status: 200 };
};
const lines: string[] = [];
const keep = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
const connector = await openConnector(
  folder,
  simulator,
  clock,
  {
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'simulated', every: '30s', settle: '1s' }],
    sinks: [{ name: 'siem', type: 'http', url: receiver.url, format: 'json', retry: { max: '2s' } }],
    watch: { heartbeat: '0s', blindSpots: false },
    audit: { every: '0s' },
  },
  { ...silentLog, info: keep, warn: keep, error: keep },
);
const { app, store } = connector;
const said = (text: string) => lines.filter((line) => line.includes(text)).length;
const broken: string[] = [];
let deliveredWhileFull = 0;

/** Waits for what must come. */
async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs)
      throw new Error(`waited in vain until ${what}; the log ends: ${lines.slice(-5).join('; ')}`);
    await sleep(5);
  }
}

const backlog = async () => (await store.progress()).sinks[0]?.backlog ?? 0;
const filler = join(folder, 'filler');

/** Takes every byte that the disk has left. */
function fill(): void {
  const file = openSync(filler, 'a');
  try {
    for (const bytes of [Buffer.alloc(2 ** 20, 1), Buffer.alloc(4096, 1)]) {
      try {
        while (writeSync(file, bytes) === bytes.length);
      } catch {
        // The disk is full.
      }
    }
  } finally {
    closeSync(file);
  }
}

const stop = new AbortController();
const running = app.run(stop.signal);
const rounded = async () => {
  for (let round = 1; round <= Number(rounds); round++) {
    up = true;
    await until('the reserve is set aside', () => existsSync(join(folder, 'state.db-reserve')));
    up = false;
    const waiting = Math.floor(random.between(20, 60));
    await until('events wait for the sink', async () => (await backlog()) > waiting);
    fill();
    await until('collection pauses', () => said('collection pauses') === round);
    // Others may take what the reserve gave back.
    if (random.chance(0.5)) fill();
    const before = received.length;
    up = true;
    await until('all that waited is delivered on the full disk', async () => (await backlog()) === 0);
    deliveredWhileFull += received.length - before;
    if (said('collection goes on') !== round - 1) broken.push('collection went on while the disk was full');
    rmSync(filler);
    await until('collection goes on', () => said('collection goes on') === round);
  }
};
await Promise.race([rounded().catch((error: unknown) => void broken.push(String(error))), running]);
rmSync(filler, { force: true });
up = true;
const endMs = clock.now();
/** The latest state of each alert that there was then; states that nobody could read any more are not promised. */
const promised = simulator.control
  .published()
  ['graph-alert'].filter(({ version }) => Date.parse(version) < endMs);
const missing = () => {
  const latest = new Map<string, number>();
  for (const key of received) {
    const [id = '', version = ''] = key.split(' ');
    latest.set(id, Math.max(latest.get(id) ?? 0, Date.parse(version)));
  }
  return promised.filter(({ id, version }) => (latest.get(id) ?? 0) < Date.parse(version)).length;
};
await until('all is delivered', () => missing() === 0).catch(
  (error: unknown) => void broken.push(String(error)),
);
stop.abort();
await running;
await connector[Symbol.asyncDispose]();
await simulator.close();

const lost = missing();
const repeated = received.length - new Set(received).size;
if (lost > 0) broken.push(`${lost} events are lost`);
if (repeated > 0) broken.push(`${repeated} events came twice`);
for (const [text, times] of [
  ['collection pauses', Number(rounds)],
  ['collection goes on', Number(rounds)],
  ['source cannot be read', 0],
  ['delivery waits for the store', 0],
] as const) {
  if (said(text) !== times) broken.push(`the log says '${text}' ${said(text)} times, not ${times}`);
}
const report: FullDiskReport = {
  faults: Number(rounds),
  events: received.length,
  lost,
  repeated,
  deliveredWhileFull,
  broken,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
