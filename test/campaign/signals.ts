import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { instantOf, parseInstant } from '../../src/fields/instant.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { graphSource, writeConfig } from '../support/connector-config.ts';
import { HttpReceiver, type ReceivedRequest } from '../support/http-receiver.ts';
import { runInProcess, startInProcess } from '../support/in-process.ts';
import { reportListening } from '../support/listening-report.ts';
import { type Ended, ProgramProcess } from '../support/program-process.ts';
import { identityOf } from './identity.ts';
import type { Scenario } from './scenario.ts';
import { type Phase, type Preparation, phases, type SentSignal, type Setting } from './signal-phases.ts';

const batchEvents = 20;
const graceMs = 1000;
/** One that has not ended by then hangs, ms; any end beyond the grace breaks the promise. */
const hangsMs = 8000;
const longestWaitMs = 20_000;
/** What is younger, by the tenant's clock, is left for the next poll, ms. */
const settleMs = 1000;

/** A run that is asked to stop, whatever it does at that moment. */
export const scenario: Scenario = {
  name: 'signals',
  promise: 'SIGTERM in every phase: ends within shutdown.grace, with exit code 0, and loses nothing',
  async run({ seed, long, note }) {
    const broken: string[] = [];
    const sum = { stops: 0, lost: 0, repeated: 0, slowestMs: 0 };
    for (let round = 0; round < (long ? 10 : 1); round++) {
      for (const phase of phases) {
        // The process has its own part in a signal. It takes longer: the short form shows it in one phase.
        const always = phase.processes !== undefined || phase.name === 'mid-batch';
        const real = always || (long && round % 2 === 1);
        for (let time = 0; time < (phase.processes ?? 1); time++) {
          const stopped = await stopIn(phase, randomOf(seed, round, phase.name, time), real);
          sum.stops += 1;
          sum.lost += stopped.lost;
          sum.repeated += stopped.repeated;
          sum.slowestMs = Math.max(sum.slowestMs, Math.round(stopped.tookMs));
          broken.push(...stopped.broken.map((line) => `${phase.name}${real ? ' (process)' : ''}: ${line}`));
        }
      }
      if (long) note(`${sum.stops} stops, the slowest took ${sum.slowestMs} ms`);
    }
    const { stops, ...rest } = sum;
    return { figures: { stops, phases: phases.length, ...rest }, broken };
  },
};

/** What a stop came to. */
interface Stopped {
  readonly tookMs: number;
  readonly lost: number;
  readonly repeated: number;
  readonly broken: readonly string[];
}

async function stopIn(phase: Phase, random: Random, real: boolean): Promise<Stopped> {
  const folder = mkdtempSync(join(tmpdir(), 'defender-siem-signals-'));
  const { simulator, letSettle } = await stillTenant(random.between(1, 1000));
  await using receiver = await HttpReceiver.listen();
  const delivered: string[] = [];
  const accept = ({ body }: ReceivedRequest) => {
    const lines = body.split('\n').filter((line) => line !== '');
    delivered.push(...lines.map((line) => identityOf('json', line)));
    return { status: 200 };
  };
  receiver.answer = accept;
  const setting = { simulator, receiver, accept, folder, random };
  try {
    const { tookMs, broken } = await runAndStop(phase, setting, real);
    simulator.control.clearFaults();
    receiver.answer = accept;
    letSettle();
    const after = await runInProcess(['once', '--config', configFor(setting, {})]);
    if (after.code !== 0) broken.push(`once, after it: exit code ${after.code}: ${after.stderr.slice(-300)}`);
    const published = simulator.control.published()['graph-alert'];
    const wanted = published.map(({ id, version }) => `${id} ${version}`);
    const lost = wanted.filter((key) => !delivered.includes(key));
    const repeated = delivered.length - new Set(delivered).size;
    broken.push(...lost.map((key) => `${key} is lost`));
    if (repeated > batchEvents) broken.push(`${repeated} came twice, more than the one batch in flight`);
    return { tookMs, lost: lost.length, repeated, broken };
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runAndStop(
  phase: Phase,
  setting: Setting,
  real: boolean,
): Promise<{ readonly tookMs: number; readonly broken: string[] }> {
  const broken: string[] = [];
  const preparation = (await phase.prepare?.(setting)) ?? {};
  const args = ['run', '--config', configFor(setting, preparation)];
  await using program = real ? startProcess(args) : inProcess(args);
  const atReceiver = () => setting.receiver.requests.length > 0;
  const isThere = preparation.isThere ?? (() => phase.isThere?.(setting, program.stderr()) ?? atReceiver());
  if (!(await until(isThere))) broken.push('the run never came into this phase');
  await sleep(preparation.afterMs ?? 0);
  let sentMs = 0;
  const signals = preparation.signals ?? phase.signals ?? (['SIGTERM'] as const);
  for (const signal of signals) sentMs = await program.send(signal);
  const goneMs = await Promise.race([program.gone, sleep(hangsMs, undefined, { ref: false })]);
  const tookMs = (goneMs ?? performance.now()) - sentMs;
  preparation.end?.();
  if (tookMs > graceMs) {
    broken.push(
      `${Math.round(tookMs)} ms after the signal it ${goneMs === undefined ? 'had not ended' : 'ended'}`,
    );
  }
  if (goneMs === undefined) return { tookMs, broken };
  const { code, stderr } = await program.ended;
  if (code !== 0) broken.push(`exit code ${code}: ${stderr.slice(-300)}`);
  return { tookMs, broken };
}

/** A run, wherever it runs. */
interface Program extends AsyncDisposable {
  /** What it has written to standard error so far, as far as a process of its own is it. */
  stderr(): string;
  readonly ended: Promise<Ended>;
  /** Resolves with the moment when it was gone, by `performance.now()`, ms. */
  readonly gone: Promise<number>;
  /** Resolves with the moment when it was sent. */
  send(signal: SentSignal): Promise<number>;
}

function inProcess(args: readonly string[]): Program {
  const running = startInProcess(args);
  return {
    stderr: () => '',
    ended: running.ended,
    gone: running.ended.then(() => performance.now()),
    async send(signal) {
      const sentMs = performance.now();
      running.send(signal);
      return sentMs;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function startProcess(args: readonly string[]): Program {
  const program = new ProgramProcess(args, { node: reportListening() });
  return {
    stderr: () => program.stderr,
    ended: program.ended(),
    gone: program.exited(),
    async send(signal) {
      // Two within a second are taken for one request.
      if (signal === 'second SIGTERM') await sleep(1100);
      const sentMs = performance.now();
      program.kill(signal === 'second SIGTERM' ? 'SIGTERM' : signal);
      return sentMs;
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function configFor({ folder, simulator, receiver }: Setting, { sink, tenant, rest }: Preparation): string {
  const batch = { maxEvents: batchEvents, linger: '10ms' };
  const retry = { initial: '100ms', max: '100ms' };
  return writeConfig(folder, simulator, {
    sources: [{ ...graphSource, pageSize: 20, settle: `${settleMs}ms` }],
    sinks: [{ name: 'web', type: 'http', url: receiver.url, format: 'json', batch, retry, ...sink }],
    tenant: tenant ?? {},
    rest: { log: { level: 'silent' }, shutdown: { grace: `${graceMs}ms` }, ...rest },
  });
}

/** A tenant whose time goes on only when it is told to. */
interface StillTenant {
  readonly simulator: Simulator;
  /**
   * Lets its time go on until all that it shows is settled. A poll leaves out what is younger, and the last poll must
   * have been able to read all that is published: then nothing has to be forgiven.
   */
  letSettle(): void;
}

/** A tenant of 60 alerts whose time stands still a minute ago; only its pauses are real. */
async function stillTenant(seed: number): Promise<StillTenant> {
  // A whole second: the API tells its time by whole seconds.
  let now = Math.floor((Date.now() - 60_000) / 1000) * 1000;
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    sleep: (ms) => sleep(ms, undefined, { ref: false }),
  };
  const simulator = await startSimulator({
    seed,
    ratePerMinute: 0,
    historyAlerts: 60,
    historySpanMs: 6 * 3_600_000,
    visibilityLagMs: 0,
    clock,
  });
  const settled = (version: string) => {
    const updated = parseInstant(version);
    return updated !== undefined && updated < instantOf(now - settleMs);
  };
  return {
    simulator,
    letSettle() {
      while (!simulator.control.published()['graph-alert'].every(({ version }) => settled(version))) {
        now += settleMs;
      }
    },
  };
}

/** Resolves with true once `condition` holds, with false when it does not for too long. */
async function until(condition: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + longestWaitMs;
  while (!condition()) {
    if (performance.now() > untilMs) return false;
    await sleep(2);
  }
  return true;
}
