import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../../src/command-line.ts';
import { backfillCursor, type ReplaySpec, readJob, readText } from '../../src/jobs/spec.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { openSqliteReader, openSqliteStore } from '../../src/store/sqlite.ts';
import type { StoredJob } from '../../src/store/store.ts';
import { graphSource, writeConfig } from '../support/connector-config.ts';
import { type Answer, HttpReceiver } from '../support/http-receiver.ts';
import { ProgramProcess } from '../support/program-process.ts';
import { ReplayLedger } from './replay-ledger.ts';

const minuteMs = 60_000;
/** A process whose moment does not come is killed after this, ms. */
const longestPauseMs = 1000;
/** A replay is asked for once so many events have arrived. */
const enoughToSendAgain = 40;
/** What is not done by then, when nobody disturbs it any more, is stuck, ms. */
const longestEndMs = 180_000;
const lookEveryMs = 2;

/** How much is to happen. */
export interface KillsPlan {
  readonly seed: number;
  readonly kills: number;
  readonly replays: number;
  /** Hours before, with five alerts each, for the backfill. */
  readonly hours: number;
}

/** What the kills came to. */
export interface KillsReport {
  readonly replayed: number;
  readonly backfilled: number;
  readonly live: number;
  readonly lost: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  readonly broken: readonly string[];
}

/**
 * The real process, killed again and again while it reads live, fills a hole and sends again what it has sent; the
 * commands that ask for it come from another process.
 */
export async function killReplays(
  folder: string,
  { seed, kills, replays, hours }: KillsPlan,
): Promise<KillsReport> {
  const random = randomOf(seed, 'replay kills');
  // A whole second, ten minutes ago: the APIs tell their time by whole seconds, and it moves on in steps alone.
  const time = { now: Math.floor((Date.now() - 10 * minuteMs) / 1000) * 1000 };
  const clock: Clock = { now: () => time.now, random: () => 0.5, sleep: async () => {} };
  await using resources = new AsyncDisposableStack();
  const simulator = await startSimulator({
    seed,
    ratePerMinute: 20,
    historyAlerts: 5 * hours,
    historySpanMs: hours * 60 * minuteMs,
    visibilityLagMs: 0,
    quotas: false,
    clock,
  });
  resources.defer(() => simulator.close());
  const receiver = resources.use(await HttpReceiver.listen());
  const ledger = new ReplayLedger();
  const world = new Life(folder, simulator, receiver, ledger, time, random);

  {
    await using store = openSqliteStore(join(folder, 'state.db'));
    await store.registerSinks(['siem'], Date.now());
  }
  const spanFrom = time.now - hours * 60 * minuteMs;
  await world.command('backfill', '--source', 'alerts', '--since', `${hours * 60 + 10}m`, '--until', '14m');
  for (let kill = 1; kill <= kills; kill++) {
    const due = world.replays.length < Math.floor((replays * kill) / kills);
    const early = random.chance(0.3);
    if (due && early && ledger.count > enoughToSendAgain) await world.replay();
    await world.live(due && !early);
  }
  await world.lastLife();
  return world.report(spanFrom);
}

/** One connector over many lives. */
class Life {
  readonly replays: ReplaySpec[] = [];
  readonly #config: string;
  readonly #storePath: string;
  readonly #simulator: Simulator;
  readonly #ledger: ReplayLedger;
  readonly #time: { now: number };
  readonly #random: Random;
  readonly #broken: string[] = [];
  /** True when the process is killed while this request is here, with events that came before or not: nobody takes it. */
  #inFlight: (again: boolean) => boolean = () => false;

  constructor(
    folder: string,
    simulator: Simulator,
    receiver: HttpReceiver,
    ledger: ReplayLedger,
    time: { now: number },
    random: Random,
  ) {
    this.#simulator = simulator;
    this.#ledger = ledger;
    this.#time = time;
    this.#random = random;
    this.#storePath = join(folder, 'state.db');
    this.#config = writeConfig(folder, simulator, {
      sources: [{ ...graphSource, every: '3s', since: '18m', overlap: '30s', pageSize: 20 }],
      sinks: [
        {
          name: 'siem',
          type: 'http',
          url: receiver.url,
          format: 'json',
          batch: { maxEvents: 5, linger: '5ms' },
          retry: { initial: '20ms', max: '50ms' },
        },
      ],
      rest: { watch: { heartbeat: '0s', blindSpots: false }, audit: { every: '0s' } },
    });
    receiver.answer = ({ body }) => this.#answer(body);
  }

  /** Asks for a job as another process does, and does not wait for it. */
  async command(...args: readonly string[]): Promise<void> {
    const told: string[] = [];
    const code = await main([...args, '--detach', '--config', this.#config], {
      out: () => {},
      err: (line) => void told.push(line),
      readInput: async () => '',
      async *inputChunks() {},
      env: {},
      terminal: false,
      stop: new AbortController().signal,
      hurry: new AbortController().signal,
      endAfterStop: () => {},
      onReload: () => {},
    });
    if (code !== 0) this.#broken.push(`${args.join(' ')}: exit code ${code}: ${told.join(' ')}`);
  }

  /** Asks for all that was sent until now once more, in a span that differs from any before. */
  async replay(): Promise<void> {
    await this.command('replay', '--sink', 'siem', '--since', `${60 + this.replays.length}m`);
    const [stored] = await this.#jobs();
    const job = stored === undefined ? undefined : readJob(stored);
    if (job?.kind === 'replay') this.replays.push(job.spec);
  }

  /** A process lives until its moment comes, and is killed. */
  async live(asking: boolean): Promise<void> {
    let over = false;
    const program = new ProgramProcess(['run', '--config', this.#config]);
    const ended = program.ended().then((end) => {
      over = true;
      return end;
    });
    if (this.#random.chance(0.9)) await program.logged('"msg":"started"');
    if (asking) await this.#askForReplay(() => over);
    await this.#untilMoment(program, () => over, asking);
    program.kill('SIGKILL');
    const { code, stderr } = await ended;
    if (code !== null) this.#broken.push(`it ended by itself: exit code ${code}: ${stderr.slice(-400)}`);
    this.#ledger.killed();
  }

  /** Waits for enough to send again, and asks for it. */
  async #askForReplay(over: () => boolean): Promise<void> {
    const untilMs = Date.now() + longestPauseMs;
    while (this.#ledger.count < enoughToSendAgain && !over() && Date.now() < untilMs)
      await sleep(lookEveryMs);
    if (!over()) await this.replay();
  }

  /** Waits for some answers of the API, for some arrivals, or kills in the middle of a delivery. */
  async #untilMoment(program: ProgramProcess, over: () => boolean, replaying: boolean): Promise<void> {
    const moment = replaying ? 'flight' : this.#random.pick(['collection', 'arrival', 'flight'] as const);
    const untilMs = Date.now() + longestPauseMs;
    const answers = this.#answers() + this.#random.between(1, 12);
    const arrivals = this.#ledger.count + this.#random.between(1, 40);
    const delayMs = this.#random.between(0, 8);
    let requests = this.#random.between(1, replaying ? 6 : 10);
    if (moment === 'flight') {
      this.#inFlight = (again) => {
        if (replaying && !again) return false;
        requests--;
        if (requests === 0) program.kill('SIGKILL');
        return requests <= 0;
      };
    }
    const hasCome = () =>
      (moment === 'collection' && this.#answers() >= answers) ||
      (moment === 'arrival' && this.#ledger.count >= arrivals);
    while (!over() && !hasCome() && requests > 0 && Date.now() < untilMs) {
      if (this.#random.chance(0.02)) this.#step();
      await sleep(lookEveryMs);
    }
    this.#inFlight = () => false;
    await sleep(delayMs);
  }

  #answers(): number {
    const answers = this.#simulator.control.requests()['graph-alerts'] ?? {};
    return Object.values(answers).reduce((sum, count) => sum + count, 0);
  }

  /** Lets the process do what is left, and send all of it once more, and stops it. */
  async lastLife(): Promise<void> {
    await using program = new ProgramProcess(['run', '--config', this.#config]);
    const untilMs = Date.now() + longestEndMs;
    const allDone = async () => {
      while (!(await this.#allDone()) && Date.now() < untilMs) await sleep(50);
    };
    await allDone();
    await this.replay();
    await allDone();
    program.kill('SIGTERM');
    const { code, stderr } = await program.ended();
    if (code !== 0) this.#broken.push(`SIGTERM in the end: exit code ${code}: ${stderr.slice(-400)}`);
    for (const job of await this.#jobs()) {
      if (job.endedAtMs === undefined) this.#broken.push(`job ${job.id} is not done: ${job.cursor}`);
      if (job.error !== undefined) this.#broken.push(`job ${job.id} failed: ${job.error}`);
    }
  }

  async report(spanFrom: number): Promise<KillsReport> {
    await using reader = openSqliteReader(this.#storePath);
    const entries = await reader.readJournal(0, 1_000_000, Number.POSITIVE_INFINITY);
    const keys = new Set(entries.map(({ id, version }) => `${id} ${version}`));
    const shown = this.#simulator.control
      .published()
      ['graph-alert'].filter(({ version }) => Date.parse(version) >= spanFrom)
      .filter(({ version }) => Date.parse(version) < this.#time.now - 2000)
      .map(({ id, version }) => `${id} ${version}`);
    const unread = shown.filter((key) => !keys.has(key));
    const { lost, repeated, unexplained, outOfOrder } = this.#ledger.verdict({
      entries,
      replays: this.replays,
    });
    const jobs = await this.#jobs();
    const backfill = readText(backfillCursor, jobs.find(({ kind }) => kind === 'backfill')?.cursor);
    const backfilled = backfill?.accepted ?? 0;
    const again = jobs.find(({ kind }) => kind === 'replay');
    const broken = [
      ...this.#broken,
      ...unread.slice(0, 10).map((key) => `never read: ${key}`),
      ...lost.slice(0, 10).map((key) => `lost: ${key}`),
      ...unexplained.slice(0, 10).map((key) => `came once more though it was in flight at no kill: ${key}`),
      ...(outOfOrder > 0 ? [`${outOfOrder} came out of order`] : []),
      ...((again?.done ?? 0) < entries.length
        ? [`the last replay sent ${again?.done} of ${entries.length}: ${JSON.stringify(again)}`]
        : []),
      ...(keys.size < entries.length ? [`${entries.length - keys.size} were accepted twice`] : []),
    ];
    return {
      replayed: jobs.filter(({ kind }) => kind === 'replay').reduce((sum, { done }) => sum + done, 0),
      backfilled,
      live: entries.length - backfilled,
      lost: lost.length + unread.length,
      repeated,
      outOfOrder,
      broken,
    };
  }

  /** The receiver takes what comes, now and then it does not. */
  #answer(body: string): Answer {
    const records = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { readonly id: string; readonly lastUpdateDateTime: string });
    const keys = records.map(({ id, lastUpdateDateTime }) => `${id} ${lastUpdateDateTime}`);
    if (this.#inFlight(keys.every((key) => this.#ledger.has(key)))) return 'hang';
    if (this.#random.chance(0.03)) return { status: 503 };
    if (this.#random.chance(0.02)) return 'reset';
    this.#ledger.took(keys);
    return { status: 200 };
  }

  #step(): void {
    if (this.#time.now + 5000 > Date.now() - minuteMs) return;
    this.#time.now += 5000;
    if (this.#random.chance(0.2)) {
      this.#simulator.control.fault({ kind: 'status', status: 503, target: 'graph-alerts', times: 1 });
    }
  }

  async #jobs(): Promise<readonly StoredJob[]> {
    await using reader = openSqliteReader(this.#storePath);
    return await reader.jobs();
  }

  async #allDone(): Promise<boolean> {
    await using reader = openSqliteReader(this.#storePath);
    const { sinks, sources } = await reader.progress();
    const watermark = sources.find(({ source }) => source === 'alerts')?.watermark;
    return (
      (await reader.jobs()).every(({ endedAtMs }) => endedAtMs !== undefined) &&
      sinks[0]?.backlog === 0 &&
      watermark !== undefined &&
      Date.parse(watermark) >= this.#time.now - 1000
    );
  }
}
