import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { graphSource, writeConfig } from '../support/connector-config.ts';
import { ProgramProcess } from '../support/program-process.ts';
import { CrashLedger } from './crash-ledger.ts';
import { batchEvents, type Outlet, openOutlets } from './crash-sinks.ts';
import { CrashWorld } from './crash-world.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

/** When a process is killed, as seen from outside. */
const phases = ['start', 'collection', 'acceptance', 'dispatch', 'acknowledgement', 'any'] as const;
type Phase = (typeof phases)[number];

const lookEveryMs = 2;
/** A process whose moment does not come is killed after this, ms. */
const longestLifeMs = 4000;
/** The world waits while one sink has more than this before it. */
const mostBehind = 300;
/** What is not there by then, when nobody disturbs it any more, is lost, ms. */
const longestDrainMs = 60_000;

/** The real process, killed again and again at every point of a detection's way. */
export const scenario: Scenario = {
  name: 'crash',
  promise:
    'a kill at any instant loses nothing and repeats only what was being sent, under the same identifier',
  run: async (scale) => {
    const folder = mkdtempSync(join(tmpdir(), 'defender-siem-crash-'));
    try {
      return await campaign(folder, scale);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function campaign(folder: string, { seed, long, note }: Scale): Promise<Report> {
  const kills = long ? 300 : 25;
  const random = randomOf(seed, 'crash');
  await using world = await CrashWorld.start(seed);
  const outlets = await openOutlets(folder);
  await using resources = new AsyncDisposableStack();
  for (const outlet of outlets) resources.use(outlet);
  const config = writeConfig(folder, world.simulator, {
    sources: [
      { ...graphSource, pageSize: 20, overlap: '15m' },
      { ...graphSource, name: 'detections', type: 'detections', overlap: '15m' },
    ],
    sinks: outlets.map(({ section }) => section),
    rest: { log: { level: 'warn' } },
  });
  const witness = new Witness(world, outlets, join(folder, 'state.db-wal'));
  const byPhase = new Map<Phase, number>();
  const broken: string[] = [];

  for (let kill = 1; kill <= kills; kill++) {
    const { phase, ended } = await oneLife(config, witness, random);
    byPhase.set(phase, (byPhase.get(phase) ?? 0) + 1);
    if (ended !== undefined) broken.push(`it ended by itself, before kill ${kill}: ${ended}`);
    if (kill % 50 === 0) note(`${kill} kills, ${world.states.size} states, ${witness.repeated} repeated`);
  }
  broken.push(...(await lastLife(config, witness)), ...witness.broken());

  for (const phase of phases.filter((candidate) => !byPhase.has(candidate))) {
    broken.push(`no kill came in the phase ${phase}: this run proves nothing of it`);
  }

  const told = phases.map((phase) => `${phase} ${byPhase.get(phase) ?? 0}`).join(' ');
  return {
    figures: {
      kills,
      events: world.states.size,
      sinks: outlets.length,
      lost: witness.lost().length,
      repeated: witness.repeated,
      phases: told,
    },
    broken,
  };
}

/** Starts the process and kills it in a phase of chance; tells which, and what it said if it ended by itself. */
async function oneLife(
  config: string,
  witness: Witness,
  random: Random,
): Promise<{ readonly phase: Phase; readonly ended: string | undefined }> {
  witness.look({ mayStep: true });
  const chosen = random.pick(phases);
  const moment = momentOf(chosen, witness, random);
  let over = false;
  const program = new ProgramProcess(['run', '--config', config]);
  const end = program.ended().then((ended) => {
    over = true;
    return ended;
  });
  const kill = () => program.kill('SIGKILL');
  const killedBySight = moment.arm(kill);
  const untilMs = Date.now() + longestLifeMs;
  while (!over && !killedBySight() && Date.now() < untilMs) {
    witness.look({ mayStep: true });
    if (moment.hasCome()) {
      if (moment.delayMs > 0) await sleep(moment.delayMs);
      break;
    }
    await sleep(lookEveryMs);
  }
  const late = Date.now() >= untilMs;
  const early = over;
  kill();
  const { code, stderr } = await end;
  moment.disarm();
  await witness.afterKill();
  return {
    phase: late ? 'any' : chosen,
    ended: early && code !== null ? `exit code ${code}: ${stderr.slice(-400)}` : undefined,
  };
}

/** A moment at which to kill. */
interface Moment {
  readonly delayMs: number;
  hasCome(): boolean;
  /** Where a receiver sees the moment come, it kills by itself: tells whether it has. */
  arm(kill: () => void): () => boolean;
  disarm(): void;
}

function momentOf(phase: Phase, witness: Witness, random: Random): Moment {
  const startMs = Date.now();
  const answers = witness.answers() + random.between(1, 8);
  const outlet = random.pick(witness.outlets);
  const arrived = witness.arrivedAt(outlet) + random.between(1, 30);
  const wal = random.between(1, 3);
  let grown = 0;
  let size = witness.walBytes();
  const plain = { arm: () => () => false, disarm: () => {} };
  switch (phase) {
    case 'start':
      return { ...plain, delayMs: 0, hasCome: after(startMs, random.between(30, 450)) };
    case 'any':
      return { ...plain, delayMs: 0, hasCome: after(startMs, random.between(200, 1800)) };
    case 'collection':
      return { ...plain, delayMs: random.between(0, 12), hasCome: () => witness.answers() >= answers };
    case 'acceptance':
      return {
        ...plain,
        delayMs: 0,
        hasCome: () => {
          const now = witness.walBytes();
          if (now !== size) grown += 1;
          size = now;
          return grown >= wal;
        },
      };
    case 'acknowledgement':
      return {
        ...plain,
        delayMs: random.between(0, 8),
        hasCome: () => witness.arrivedAt(outlet) >= arrived,
      };
    case 'dispatch': {
      let seen = false;
      return {
        delayMs: 0,
        hasCome: () => witness.arrivedAt(outlet) >= arrived,
        arm: (kill) => {
          let requests = random.between(1, 4);
          outlet.onRequest = () => {
            requests -= 1;
            if (requests > 0) return;
            seen = true;
            kill();
          };
          return () => seen;
        },
        disarm: () => {
          outlet.onRequest = undefined;
        },
      };
    }
  }
}

function after(startMs: number, ms: number): () => boolean {
  return () => Date.now() - startMs >= ms;
}

/** Lets the process deliver what is left, stops it, and returns what was wrong with that. */
async function lastLife(config: string, witness: Witness): Promise<string[]> {
  await using program = new ProgramProcess(['run', '--config', config]);
  const untilMs = Date.now() + longestDrainMs;
  while (!witness.allThere() && Date.now() < untilMs) {
    await sleep(lookEveryMs);
    witness.look({ mayStep: false });
  }
  program.kill('SIGTERM');
  const { code, stderr } = await program.ended();
  await witness.afterKill();
  return code === 0 ? [] : [`SIGTERM in the end: exit code ${code}: ${stderr.slice(-400)}`];
}

/** Sees what exists, and what each receiver has got of it. */
class Witness {
  readonly outlets: readonly Outlet[];
  readonly #world: CrashWorld;
  readonly #ledgers: ReadonlyMap<Outlet, CrashLedger>;
  readonly #counts = new Map<Outlet, number>();
  readonly #walPath: string;

  constructor(world: CrashWorld, outlets: readonly Outlet[], walPath: string) {
    this.#world = world;
    this.outlets = outlets;
    this.#walPath = walPath;
    this.#ledgers = new Map(outlets.map((outlet) => [outlet, new CrashLedger(outlet.name, batchEvents)]));
  }

  /** Takes what has arrived; when all that exists has, the world moves on. */
  look({ mayStep }: { readonly mayStep: boolean }): void {
    for (const [outlet, ledger] of this.#ledgers) {
      const fresh = outlet.take();
      this.#counts.set(outlet, this.arrivedAt(outlet) + fresh.length);
      for (const arrival of fresh) ledger.add(arrival);
    }
    if (mayStep && this.#mayMoveOn()) this.#world.step();
  }

  /** Takes the rest of what the process had sent before it was gone. */
  async afterKill(): Promise<void> {
    await Promise.all(this.outlets.map((outlet) => outlet.quiet()));
    this.look({ mayStep: false });
    for (const ledger of this.#ledgers.values()) ledger.killed();
  }

  arrivedAt(outlet: Outlet): number {
    return this.#counts.get(outlet) ?? 0;
  }

  /** How many answers the simulated APIs have given. */
  answers(): number {
    const counts = Object.values(this.#world.simulator.control.requests());
    return counts.flatMap((ofApi) => Object.values(ofApi)).reduce((sum, count) => sum + count, 0);
  }

  /** Size of the store's write-ahead log, which grows with each transaction. */
  walBytes(): number {
    return statSync(this.#walPath, { throwIfNoEntry: false })?.size ?? 0;
  }

  allThere(): boolean {
    return [...this.#ledgers.values()].every((ledger) => ledger.size >= this.#world.states.size);
  }

  /** Whether the world may go on: most sinks have it all, and no other is far behind. */
  #mayMoveOn(): boolean {
    const missing = [...this.#ledgers.values()].map((ledger) => this.#world.states.size - ledger.size);
    const behind = missing.filter((count) => count > 0);
    return behind.length <= 1 && Math.max(0, ...behind) < mostBehind;
  }

  get repeated(): number {
    return [...this.#ledgers.values()].reduce((sum, { repeated }) => sum + repeated, 0);
  }

  /** `sink: id version` of each state that a sink never received. */
  lost(): readonly string[] {
    return this.outlets.flatMap((outlet) => {
      const ledger = this.#ledgers.get(outlet);
      const missing = [...this.#world.states].filter((key) => ledger?.has(key) !== true);
      return missing.map((key) => `${outlet.name}: ${key}`);
    });
  }

  /** What did not hold: lost, repeated though not in flight, never published, out of order. */
  broken(): readonly string[] {
    const ledgers = [...this.#ledgers].map(([{ name }, ledger]) => ({ name, ledger }));
    const reference = ledgers[0]?.ledger.sequence.join('\n');
    return [
      ...this.lost().map((line) => `lost at ${line}`),
      ...ledgers.flatMap(({ ledger }) => ledger.broken),
      ...ledgers.flatMap(({ name, ledger }) =>
        ledger.sequence
          .filter((key) => !this.#world.states.has(key))
          .map((key) => `${name}: ${key} never was`),
      ),
      ...ledgers
        .filter(({ ledger }) => ledger.sequence.join('\n') !== reference)
        .map(({ name }) => `${name} received the events in another order`),
    ];
  }
}
