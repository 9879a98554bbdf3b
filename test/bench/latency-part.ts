import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from '../support/certificates.ts';
import { Helper } from './child.ts';
import { writeConnectorConfig } from './connector-config.ts';
import type { ArrivalsAnswer, ArrivalsQuestion } from './latency/arrivals.ts';
import { atMost, type Findings, type Part, type Place } from './part.ts';
import { Program } from './program.ts';
import { shapes } from './records.ts';
import { percentileOf } from './round.ts';
import type { SimulatorAnswer, SimulatorPlace, SimulatorQuestion } from './simulator-process.ts';
import { tableOf } from './table.ts';

const alerts = 200;
/** An alert is shown so long after the one before, at least and at most, ms. */
const gapMs = [20, 280] as const;
/** How old an alert is when the API first shows it, ms: longer than `settle`, as with Microsoft. */
const ageWhenShownMs = 10_000;
/** From the program's start until it reads at its pace, ms. */
const warmUpMs = 5000;

/** How old an alert is when it has arrived. */
export const latencyPart: Part = {
  name: 'latency',
  title: 'Latency',
  about:
    `The program as it is installed, with \`every: 2s\`, between the simulated API and a syslog receiver over TLS, each in a ` +
    `process of its own. ${alerts} alerts are shown one by one, at random moments. The poll wait of an alert ends with ` +
    'the first request that could see it; the rest is what the program, both connections and the API take.',
  async run(place) {
    const folder = join(place.folder, 'latency');
    mkdirSync(folder);
    await using simulator = new Helper<SimulatorQuestion, SimulatorAnswer>(place.own('simulator-process'), [
      join(folder, 'tls'),
    ]);
    const at = (await simulator.next()) as SimulatorPlace;
    const { cert, key, ca } = certificatesIn(folder);
    await using receiver = new Helper<ArrivalsQuestion, ArrivalsAnswer>(place.own('latency/arrivals'), [
      cert,
      key,
    ]);
    const told = await receiver.next();
    const port = 'port' in told ? told.port : 0;
    const sink = { type: 'syslog', host: '127.0.0.1', port, transport: 'tls', format: 'cef', tls: { ca } };
    const config = writeConnectorConfig(folder, at, { every: '2s', since: '1h', sink });
    await using _running = new Program(place.program, ['run', '--config', config]);
    await sleep(warmUpMs);
    return await measure(simulator, receiver, place);
  },
};

async function measure(
  simulator: Helper<SimulatorQuestion, SimulatorAnswer>,
  receiver: Helper<ArrivalsQuestion, ArrivalsAnswer>,
  place: Place,
): Promise<Findings> {
  const shown = new Map<string, number>();
  const [model = '{}'] = shapes[0]?.records(1) ?? [];
  for (let number = 0; number < alerts; number++) {
    await sleep(gapMs[0] + Math.random() * (gapMs[1] - gapMs[0]));
    const id = `latency-${number}`;
    const answer = await simulator.ask({ ask: 'show', record: alertOf(model, id) });
    if ('shownAtMs' in answer) shown.set(id, answer.shownAtMs);
  }
  const all = await receiver.ask({ count: alerts });
  const said = await simulator.ask({ ask: 'answers' });
  const polls = ('answers' in said ? said.answers : []).filter(({ api }) => api === 'graph-alerts');
  const waits: number[] = [];
  const rests: number[] = [];
  const totals: number[] = [];
  for (const { id, atMs } of 'arrivals' in all ? all.arrivals : []) {
    const shownAtMs = shown.get(id) ?? Number.NaN;
    const poll = polls.find((each) => each.atMs >= shownAtMs)?.atMs ?? Number.NaN;
    waits.push(poll - shownAtMs);
    rests.push(atMs - poll);
    totals.push(atMs - shownAtMs);
  }
  const row = (name: string, values: readonly number[]) => [
    name,
    percentileOf(values, 0.5).toFixed(0),
    percentileOf(values, 0.99).toFixed(0),
    Math.max(...values).toFixed(0),
  ];
  place.say(`latency: ${row('', rests).join(' ')}`);
  const columns = [
    { head: 'Part of the way' },
    ...['Median, ms', '99th percentile, ms', 'Longest, ms'].map((head) => ({ head, figures: true as const })),
  ];
  const rows = [row('poll wait', waits), row('behind it', rests), row('total', totals)];
  return {
    text: tableOf(columns, rows),
    targets: [
      atMost('arrival behind the poll wait, median', 50, percentileOf(rests, 0.5), ' ms', 0),
      atMost('arrival behind the poll wait, 99th percentile', 200, percentileOf(rests, 0.99), ' ms', 0),
    ],
  };
}

/** The model as another alert, some seconds old. */
function alertOf(model: string, id: string): string {
  const time = new Date(Date.now() - ageWhenShownMs).toISOString();
  const alert = JSON.parse(model) as Readonly<Record<string, unknown>>;
  return JSON.stringify({ ...alert, id, createdDateTime: time, lastUpdateDateTime: time });
}

function certificatesIn(folder: string): {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
} {
  const authority = createAuthority();
  const { cert, key } = authority.issue('127.0.0.1');
  const written = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    cert: written('receiver.pem', cert),
    key: written('receiver.key', key),
    ca: written('receiver-ca.pem', authority.cert),
  };
}
