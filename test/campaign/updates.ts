import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectorError } from '../../src/errors.ts';
import type { BulkChange } from '../../src/simulator/control.ts';
import { type Random, randomOf } from '../../src/simulator/random.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { parseCef } from '../support/cef-parser.ts';
import { openConnector } from './connector.ts';
import type { Report, Scale, Scenario } from './scenario.ts';
import { SteppedClock } from './stepped-clock.ts';

type Json = Readonly<Record<string, unknown>>;

/** A state of an alert as the receiver of JSON got it. */
interface State {
  readonly id: string;
  readonly version: string;
  readonly record: Json;
}

/** What a receiver of CEF got of a state. */
interface Told {
  readonly key: string;
  readonly changes: string | undefined;
}

/** So many earlier states of an alert the journal brings along (`JournalEntry.earlier`). */
const statesKept = 8;

/** Alerts live and are worked on while a connector reads them, restarts now and then, and in the end sends all again. */
export const scenario: Scenario = {
  name: 'updates',
  promise:
    'each later state of an alert is delivered once and says what changed since the last; raised, it goes to a high+ route',
  async run(scale) {
    const folder = mkdtempSync(join(tmpdir(), 'campaign-updates-'));
    const random = randomOf(scale.seed, 'updates');
    const clock = new SteppedClock(() => random.next());
    const simulator = await startSimulator({
      seed: scale.seed,
      ratePerMinute: 2,
      historyAlerts: scale.long ? 120 : 30,
      historySpanMs: 3 * 3_600_000,
      visibilityLagMs: 0,
      clock,
    });
    try {
      const shown = await live(folder, simulator, clock, random, scale);
      return judge(folder, shown);
    } finally {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const sections = {
  sources: [
    { name: 'alerts', type: 'graph-alerts', tenant: 'simulated', every: '1m', since: '24h', settle: '1s' },
  ],
  sinks: [
    { name: 'all-json', type: 'file', path: './all.json', format: 'json' },
    { name: 'all-cef', type: 'file', path: './all.cef', format: 'cef' },
    { name: 'high-cef', type: 'file', path: './high.cef', format: 'cef' },
  ],
  routes: [{ to: ['all-json', 'all-cef'] }, { to: ['high-cef'], where: { severity: 'high+' } }],
  watch: { heartbeat: '0s', blindSpots: false },
};

/** Lets the world live, a collection after each change; resolves with all states that a collection was shown. */
async function live(
  folder: string,
  simulator: Simulator,
  clock: SteppedClock,
  random: Random,
  { long, note }: Scale,
): Promise<ReadonlySet<string>> {
  const shown = new Set<string>();
  const rounds = long ? 120 : 9;
  let connector = await openConnector(folder, simulator, clock, sections);
  try {
    for (let round = 1; round <= rounds; round++) {
      if (random.chance(0.3)) {
        await connector[Symbol.asyncDispose]();
        connector = await openConnector(folder, simulator, clock, sections);
      }
      workOn(simulator, random);
      clock.advance(random.between(5, 90) * 1000);
      // What is younger than `settle` may be another state by the next collection.
      const settled = new Date(clock.now() - 2000).toISOString();
      for (const { id, version } of simulator.control.published()['graph-alert']) {
        if (version < settled) shown.add(`${id} ${version}`);
      }
      await collect(connector);
      if (round % 20 === 0) note(`${round} of ${rounds} rounds, ${shown.size} states`);
    }
    for (const sink of ['all-cef', 'high-cef']) await connector.store.rewind(sink, 0);
    await collect(connector);
  } finally {
    await connector[Symbol.asyncDispose]();
  }
  return shown;
}

async function collect({ app }: Awaited<ReturnType<typeof openConnector>>): Promise<void> {
  const { failure, drained } = await app.once(AbortSignal.timeout(60_000));
  if (failure !== undefined) throw failure;
  if (!drained) throw new ConnectorError('BUG', 'a round did not drain its sinks');
}

/** Somebody changes some alerts, as people do in the portal. */
function workOn({ control }: Simulator, random: Random): void {
  const alerts = control.published()['graph-alert'];
  for (let n = random.between(1, 3); n > 0; n--) {
    const ids = alerts.filter(() => random.chance(0.15)).map(({ id }) => id);
    const change: BulkChange = {
      ...(random.chance(0.5) ? { severity: random.pick(['low', 'medium', 'high', 'high'] as const) } : {}),
      ...(random.chance(0.5) ? { status: random.pick(['new', 'inProgress', 'resolved'] as const) } : {}),
      ...(random.chance(0.3)
        ? { assignedTo: random.pick([null, 'a b; status: new -> resolved', 'liz@x']) }
        : {}),
      ...(random.chance(0.3) ? { classification: random.pick([null, 'truePositive'] as const) } : {}),
      ...(random.chance(0.3) ? { determination: random.pick([null, 'malware', 'phishing'] as const) } : {}),
    };
    control.bulkUpdate({ ids }, change);
  }
}

/** Compares what the receivers got with what the alerts were, by rules of its own. */
function judge(folder: string, shown: ReadonlySet<string>): Report {
  const broken: string[] = [];
  const states = linesOf(folder, 'all.json').map(stateOf);
  const delivered = new Set(states.map(keyOf));
  const lost = [...shown].filter((key) => !delivered.has(key));
  for (const key of lost) broken.push(`lost: ${key}`);
  if (delivered.size !== states.length) broken.push(`${states.length - delivered.size} states came twice`);

  const all = checkReceiver(states, () => true, readCef(folder, 'all.cef'));
  const high = checkReceiver(states, isHigh, readCef(folder, 'high.cef'));
  for (const [what, times] of Object.entries(all.told)) {
    if (times === 0) broken.push(`no change of ${what} was told: this run proves nothing of it`);
  }
  broken.push(...all.broken.map((line) => `all: ${line}`), ...high.broken.map((line) => `high: ${line}`));
  return {
    figures: {
      states: shown.size,
      delivered: delivered.size,
      'updates told': all.updates,
      ...all.told,
      'raised to route': high.raised,
      'wrong diffs': all.wrong + high.wrong,
    },
    broken,
  };
}

/** Checks one receiver of CEF, which got all twice: as it happened, and sent again. */
function checkReceiver(states: readonly State[], goes: (state: State) => boolean, got: readonly Told[]) {
  const expected: Told[] = [];
  const before = new Map<string, State[]>();
  let raised = 0;
  for (const state of states) {
    const earlier = (before.get(state.id) ?? []).slice(-statesKept);
    before.set(state.id, [...earlier, state]);
    if (!goes(state)) continue;
    const last = earlier.findLast(goes) ?? earlier.at(-1);
    if (last !== undefined && !earlier.some(goes)) raised++;
    expected.push({ key: keyOf(state), changes: last && difference(last.record, state.record) });
  }
  const broken: string[] = [];
  let wrong = 0;
  if (got.length !== 2 * expected.length) {
    broken.push(`${got.length} messages where twice ${expected.length} were expected`);
  }
  for (const [at, { key, changes }] of got.entries()) {
    const wanted = expected[at % expected.length];
    if (key !== wanted?.key) broken.push(`message ${at} is ${key} where ${wanted?.key} was expected`);
    else if (changes !== wanted.changes) {
      wrong++;
      broken.push(`${key} says "${changes}" where "${wanted.changes}" is right`);
    }
  }
  const updates = expected.filter(({ changes }) => changes !== undefined).length;
  const told = Object.fromEntries(
    [...followed.map(([name]) => name), 'new evidence'].map((what) => [
      what,
      expected.filter(({ changes = '' }) => changes.split('; ').some((one) => one.startsWith(`${what}: `)))
        .length,
    ]),
  );
  return { broken, wrong, raised, updates, told };
}

const followed = [
  ['severity', 'severity'],
  ['status', 'status'],
  ['classification', 'classification'],
  ['determination', 'determination'],
  ['owner', 'assignedTo'],
] as const;

/** What differs between two states, worked out from the whole records. */
function difference(before: Json, now: Json): string {
  const changes = followed.flatMap(([name, field]) => {
    const [from, to] = [word(before[field]), word(now[field])];
    return from === to ? [] : [`${name}: ${from} -> ${to}`];
  });
  const known = piecesOf(before);
  const added = [...piecesOf(now)].filter((piece) => !known.has(piece)).length;
  if (added > 0) changes.push(`new evidence: ${added}`);
  return changes.length === 0 ? 'none' : changes.join('; ');
}

function word(value: unknown): string {
  if (value === null || value === undefined || value === 'unknown') return 'none';
  return /^[a-z@.]+$/i.test(String(value)) ? String(value) : JSON.stringify(value);
}

/** The simulator's evidence never changes but for the time and the verdict. */
function piecesOf(record: Json): ReadonlySet<string> {
  const evidence = Array.isArray(record.evidence) ? record.evidence : [];
  return new Set(
    evidence.map((item: Json) =>
      JSON.stringify({
        ...item,
        createdDateTime: 0,
        verdict: 0,
        remediationStatus: 0,
        remediationStatusDetails: 0,
      }),
    ),
  );
}

function isHigh({ record }: State): boolean {
  return record.severity === 'high';
}

function keyOf({ id, version }: Pick<State, 'id' | 'version'>): string {
  return `${id} ${version}`;
}

function stateOf(line: string): State {
  const record = JSON.parse(line) as Json;
  return { id: String(record.id), version: String(record.lastUpdateDateTime), record };
}

function readCef(folder: string, name: string): readonly Told[] {
  return linesOf(folder, name).map((line) => {
    const { extension } = parseCef(line);
    const id = extension.get('MSDefenderAlertId') ?? extension.get('externalId') ?? '';
    return {
      key: `${id} ${extension.get('MSDefenderVersion')}`,
      changes: extension.get('MSDefenderChanges'),
    };
  });
}

function linesOf(folder: string, name: string): readonly string[] {
  const path = join(folder, name);
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}
