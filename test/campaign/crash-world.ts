import type { Clock } from '../../src/runtime/clock.ts';
import type { FaultKind } from '../../src/simulator/faults.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';

/** World time of one step, ms: as long as it brings some hundred states of alerts and detections. */
const stepMs = 10_000;
const minuteMs = 60_000;

/** What may go wrong with an answer while processes come and go. */
const faults: readonly FaultKind[] = [
  { kind: 'throttle', retryAfterSeconds: 1 },
  { kind: 'status', status: 503 },
  { kind: 'reset', when: 'before-headers' },
  { kind: 'reset', when: 'after-headers' },
  { kind: 'truncated-json' },
  { kind: 'unauthorized' },
  { kind: 'wrong-length' },
];

/**
 * A tenant whose time moves on in steps alone, so that what exists is known to the last state: each state that it
 * shows between two steps must be delivered.
 */
export class CrashWorld implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #time: { now: number };
  readonly #random: Random;
  readonly #states = new Set<string>();
  #injected = 0;

  private constructor(simulator: Simulator, time: { now: number }, random: Random) {
    this.simulator = simulator;
    this.#time = time;
    this.#random = random;
    this.#note();
  }

  static async start(seed: number): Promise<CrashWorld> {
    // A whole second: the APIs tell their time by whole seconds.
    const time = { now: Math.floor((Date.now() - 30 * minuteMs) / 1000) * 1000 };
    const clock: Clock = { now: () => time.now, random: () => 0.5, sleep: async () => {} };
    const simulator = await startSimulator({
      seed,
      ratePerMinute: 360,
      historyAlerts: 60,
      historySpanMs: 60 * minuteMs,
      hostileShare: 0.1,
      quotas: false,
      clock,
    });
    return new CrashWorld(simulator, time, randomOf(seed, 'crash world'));
  }

  /** `id version` of each state shown between two steps. */
  get states(): ReadonlySet<string> {
    return this.#states;
  }

  /** Time moves on: new alerts, later states, late records, many updates at one time, and now and then a fault. */
  step(): void {
    // What is younger than the host's clock says would be left for later.
    if (this.#time.now + stepMs > Date.now() - minuteMs) return;
    this.#time.now += stepMs;
    const { control } = this.simulator;
    if (this.#random.chance(0.5)) this.#injectLate();
    if (this.#random.chance(0.5)) {
      const status = this.#random.pick(['inProgress', 'resolved', 'new'] as const);
      control.bulkUpdate({ count: this.#random.between(1, 15) }, { status });
    }
    if (this.#random.chance(0.4))
      control.fault({ ...this.#random.pick(faults), target: 'graph-alerts', times: 1 });
    this.#note();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.simulator.close();
  }

  #note(): void {
    const published = this.simulator.control.published();
    for (const { id, version } of [...published['graph-alert'], ...published.detection])
      this.#states.add(`${id} ${version}`);
  }

  /** Shown now for the first time, though it was updated up to ten minutes ago. */
  #injectLate(): void {
    const updated = new Date(this.#time.now - this.#random.between(0, 10 * minuteMs)).toISOString();
    this.#injected += 1;
    this.simulator.control.inject('graph-alert', {
      id: `late-${this.#injected}`,
      title: 'A late alert',
      severity: 'high',
      serviceSource: 'microsoftDefenderForEndpoint',
      detectionSource: 'antivirus',
      alertWebUrl: 'https://security.microsoft.com/alerts/late',
      status: 'new',
      createdDateTime: updated,
      lastUpdateDateTime: updated,
      evidence: [],
    });
  }
}
