import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQuota } from '../../src/http/quota.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { headerWriter } from '../../src/sinks/syslog-message.ts';
import { nextDue } from '../../src/sources/due.ts';
import { anEvent } from '../support/event.ts';
import { type Connector, openConnector } from './connector.ts';
import { MovableClock } from './movable-clock.ts';
import { kinds, received, type SourceName, shown, sourceNames, threeSources } from './received.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** How far a host's clock is set at a time. */
const steps = [
  ...[1, 20, 59].map((n) => n * secondMs),
  ...[2, 14, 45].map((n) => n * minuteMs),
  ...[1, 7].map((n) => n * hourMs),
  ...[1, 9].map((n) => n * dayMs),
].flatMap((ms) => [ms, -ms]);
/** No more than this passes between two collections. */
const longestPauseMs = 20 * minuteMs;

/** The host's clock is set back and forth while alerts come, with times written in all ways, of a tenant whose clock differs. */
export const scenario: Scenario = {
  name: 'time',
  promise: 'whatever the clock of the host shows, each alert comes once, and no later than with a right one',
  async run(scale) {
    const folder = mkdtempSync(join(tmpdir(), 'campaign-time-'));
    const random = randomOf(scale.seed, 'time');
    const clock = new MovableClock(() => random.next());
    const tenantOffMs = random.between(-9 * 60, 9 * 60) * secondMs;
    const tenantNow = () => clock.trueMs() + tenantOffMs;
    /** Called each time that the simulator looks at its clock: while it answers. */
    const watch = { onLook: () => {} };
    const look = () => {
      watch.onLook();
      return tenantNow();
    };
    const simulator = await startSimulator({
      seed: scale.seed,
      ratePerMinute: 0.1,
      historyAlerts: 15,
      historySpanMs: 12 * hourMs,
      visibilityLagMs: 0,
      clock: { now: look, random: () => random.next(), sleep: (ms, signal) => clock.sleep(ms, signal) },
    });
    try {
      return await new Campaign(folder, simulator, clock, tenantNow, random, scale, watch).run();
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
  readonly #tenantNow: () => number;
  readonly #random: Random;
  readonly #scale: Scale;
  readonly #watch: { onLook: () => void };
  readonly #broken: string[] = [];
  readonly #delivered = new Map<SourceName, Set<string>>(sourceNames.map((name) => [name, new Set()]));
  #steps = 0;
  #lost = 0;
  #longestWaitMs = 0;

  constructor(
    folder: string,
    simulator: Simulator,
    clock: MovableClock,
    tenantNow: () => number,
    random: Random,
    scale: Scale,
    watch: { onLook: () => void },
  ) {
    this.#watch = watch;
    this.#folder = folder;
    this.#simulator = simulator;
    this.#clock = clock;
    this.#tenantNow = tenantNow;
    this.#random = random;
    this.#scale = scale;
  }

  async run(): Promise<Report> {
    const rounds = this.#scale.long ? 300 : 16;
    this.#set();
    const connector = await openConnector(this.#folder, this.#simulator, this.#clock, threeSources());
    try {
      for (let round = 1; round <= rounds; round++) {
        if (this.#random.chance(0.7)) this.#set();
        await this.#round(connector, round);
        if (round % 50 === 0) this.#scale.note(`${round} of ${rounds} rounds`);
      }
    } finally {
      await connector[Symbol.asyncDispose]();
    }
    await this.#budget();
    this.#summerTime();
    return this.#report();
  }

  #set(): void {
    this.#steps++;
    this.#clock.set(this.#random.pick(steps));
  }

  /** Some minutes pass and alerts change; then all that has settled must come with the next collection. */
  async #round({ app }: Connector, round: number): Promise<void> {
    const { control } = this.#simulator;
    this.#clock.pass(this.#random.between(1, longestPauseMs / minuteMs - 3) * minuteMs);
    const ids = control.published()['graph-alert'].map(({ id }) => id);
    control.bulkUpdate({ ids: ids.filter(() => this.#random.chance(0.1)) }, { status: 'inProgress' });
    control.inject('graph-alert', this.#oddlyTimed(round));
    this.#clock.pass(2 * minuteMs);
    if (this.#random.chance(0.3)) this.#throttle();
    const startedMs = this.#clock.trueMs();
    // A clock that is off by less than half a minute is not told from a slow answer.
    const settledMs = this.#tenantNow() - 35 * secondMs;
    const expected = new Map(sourceNames.map((name) => [name, shown(this.#simulator, name, settledMs)]));
    // A step may also come while answers are on their way.
    let looks = this.#random.chance(0.3) ? this.#random.between(1, 12) : 0;
    this.#watch.onLook = () => {
      if (--looks === 0) this.#set();
    };
    const { failure } = await app.once(AbortSignal.timeout(60_000));
    this.#watch.onLook = () => {};
    if (failure !== undefined) this.#broken.push(`round ${round}: ${String(failure)}`);
    const tookMs = this.#clock.trueMs() - startedMs;
    if (tookMs > 10 * minuteMs) this.#broken.push(`round ${round} took ${Math.round(tookMs / secondMs)} s`);
    for (const [source, states] of expected) this.#compare(source, states, round);
  }

  #throttle(): void {
    const { control } = this.#simulator;
    control.habits.retryAfter = this.#random.pick(['seconds', 'date', 'absent'] as const);
    const target = this.#random.pick(sourceNames.map((name) => kinds[name].api));
    control.fault({ kind: 'throttle', target, times: 1, retryAfterSeconds: this.#random.between(1, 40) });
  }

  /** An alert whose times are written in one of the ways of ISO 8601, each of them now. */
  #oddlyTimed(round: number): object {
    const nowMs = this.#tenantNow();
    const digits = this.#random.between(0, 7);
    const fraction = digits === 0 ? '' : `.${'1234567'.slice(0, digits)}`;
    const local = (offsetMinutes: number) =>
      new Date(Math.floor(nowMs / 1000) * 1000 + offsetMinutes * minuteMs).toISOString().slice(0, 19);
    const updated = this.#random.pick([
      `${local(0)}${fraction}Z`,
      `${local(0)}${fraction}z`,
      `${local(330)}${fraction}+05:30`,
      `${local(-570)}${fraction}-09:30`,
      `${local(0)}${fraction}+00:00`,
    ]);
    return {
      id: `odd${round}`,
      title: 'Oddly timed',
      severity: 'low',
      createdDateTime: updated,
      lastUpdateDateTime: updated,
    };
  }

  #compare(source: SourceName, expected: readonly string[], round: number): void {
    const states = received(this.#folder, source);
    const now = new Set(shown(this.#simulator, source, Number.POSITIVE_INFINITY));
    const before = this.#delivered.get(source) ?? new Set();
    for (const state of expected) {
      if (!states.has(state) && now.has(state)) this.#broken.push(`round ${round}: ${source} lacks ${state}`);
    }
    for (const state of states.keys()) {
      if (before.has(state)) continue;
      before.add(state);
      const waitedMs = this.#tenantNow() - Date.parse(state.slice(state.lastIndexOf(' ') + 1));
      if (round > 1) this.#longestWaitMs = Math.max(this.#longestWaitMs, waitedMs);
    }
  }

  /** A budget that is used up is full again after its minute, however the clock was set meanwhile. */
  async #budget(): Promise<void> {
    const quota = createQuota({ perMinute: 3, concurrency: 2 }, this.#clock);
    const signal = AbortSignal.timeout(60_000);
    const call = () => quota.run(async () => this.#clock.elapsed(), { priority: 'live', signal });
    const starts = [await call(), await call(), await call()];
    for (let turn = 0; turn < (this.#scale.long ? 60 : 6); turn++) {
      this.#set();
      starts.push(await call());
      const waitedMs = (starts.at(-1) ?? 0) - (starts.at(-4) ?? 0);
      // Less a second: a machine that is busy may take that long from the gate to the call.
      if (waitedMs < minuteMs - secondMs)
        this.#broken.push(`the budget gave a fourth call after ${waitedMs} ms`);
      if (waitedMs > 2 * minuteMs) this.#broken.push(`a call waited ${waitedMs} ms for the budget`);
    }
  }

  /** Over the end of summer time a day's schedule is due once a day, and the older syslog header tells local time. */
  #summerTime(): void {
    const endMs = Date.parse('2026-10-25T01:00:00Z');
    const header = headerWriter({
      rfc: 3164,
      facility: 16,
      hostname: 'h',
      appName: 'a',
      tag: undefined,
      timeZone: 'Europe/Berlin',
      structuredData: {},
    });
    for (let ms = endMs - dayMs; ms < endMs + dayMs; ms += 15 * minuteMs) {
      const local = new Date(ms + (ms < endMs ? 2 : 1) * hourMs).toISOString();
      const written = header(anEvent({ updated: new Date(ms).toISOString() }), ms);
      if (!written.includes(` ${local.slice(8, 10)} ${local.slice(11, 19)} `)) {
        this.#broken.push(`${new Date(ms).toISOString()} is written ${written}`);
      }
      const due = nextDue({ cron: '30 2 * * *' }, ms);
      if (due <= ms || due - ms > dayMs || new Date(due).toISOString().slice(11, 16) !== '02:30') {
        this.#broken.push(
          `after ${new Date(ms).toISOString()} the next 02:30 is ${new Date(due).toISOString()}`,
        );
      }
    }
  }

  #report(): Report {
    let alerts = 0;
    let repeated = 0;
    for (const source of sourceNames) {
      const states = received(this.#folder, source);
      for (const state of shown(this.#simulator, source, this.#tenantNow() - hourMs)) {
        alerts++;
        if (states.has(state)) continue;
        this.#lost++;
        this.#broken.push(`${source} never got ${state}`);
      }
      for (const [state, times] of states) {
        repeated += times - 1;
        if (times > 1) this.#broken.push(`${source} got ${state} ${times} times`);
      }
    }
    const longestWaitSeconds = Math.round(this.#longestWaitMs / secondMs);
    if (this.#longestWaitMs > longestPauseMs + 20 * minuteMs) {
      this.#broken.push(`an alert waited ${longestWaitSeconds} s`);
    }
    return {
      figures: {
        steps: this.#steps,
        alerts,
        lost: this.#lost,
        repeated,
        'longest wait s': longestWaitSeconds,
      },
      broken: this.#broken,
    };
  }
}
