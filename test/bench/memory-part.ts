import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Helper } from './child.ts';
import { sinkName, sourceName, writeConnectorConfig } from './connector-config.ts';
import { atMost, type Part, type Place } from './part.ts';
import { peakMemoryOf } from './process-figures.ts';
import { Program } from './program.ts';
import type { SimulatorAnswer, SimulatorPlace, SimulatorQuestion } from './simulator-process.ts';
import { tableOf } from './table.ts';

/** A large page of the API that has the largest: it brings 10,000 at most, and a full page would be asked for in parts. */
const pageAlerts = 9990;
const alertBytes = 6000;
/** From its first answer until a program that finds nothing has come to rest, ms. */
const idleMs = 3000;

type SimulatorHelper = Helper<SimulatorQuestion, SimulatorAnswer>;

/** How much memory it takes, however much there is to do. */
export const memoryPart: Part = {
  name: 'memory',
  title: 'Memory',
  about:
    'The program as it is installed, reading the simulated API and delivering over TCP. Of a backlog of events in its ' +
    'journal, and of one large answer of the API, the most memory that the process ever held; of the answer also how ' +
    'much more that is than of a program that finds nothing.',
  async run(place) {
    const { backlog } = place.options;
    const mib = (bytes: number) => bytes / 2 ** 20;
    const idle = await peakOf(place, 'idle', { since: '1h' });
    const drained = await peakOf(place, 'backlog', { since: '1h', backlog });
    const read = await peakOf(place, 'page', { since: '1h', pageAlerts });
    const page = pageAlerts * alertBytes;
    const row = (title: string, peak: number) => [title, mib(peak).toFixed(0)];
    const rows = [
      row('nothing to do', idle),
      row(`a backlog of ${backlog.toLocaleString('en')} events`, drained),
      row(`an answer of ${pageAlerts.toLocaleString('en')} alerts, ${mib(page).toFixed(0)} MiB`, read),
    ];
    return {
      text: tableOf([{ head: 'Work' }, { head: 'Peak memory, MiB', figures: true }], rows),
      targets: [
        atMost('peak memory of a drained backlog', 150, mib(drained), ' MiB', 0),
        atMost('memory that an answer takes, to its size', 3, (read - idle) / page),
      ],
    };
  },
};

/** What there is to do: for the program to find in its journal, or at the API. */
interface Work {
  readonly since: string;
  readonly backlog?: number;
  readonly pageAlerts?: number;
}

/** Lets the program do its work, and resolves with the most memory that it ever held, bytes. */
async function peakOf(place: Place, name: string, work: Work): Promise<number> {
  const { backlog = 0, pageAlerts = 0, since } = work;
  const folder = join(place.folder, `memory-${name}`);
  mkdirSync(folder);
  await using simulator: SimulatorHelper = new Helper(place.own('simulator-process'), [join(folder, 'tls')]);
  const at = (await simulator.next()) as SimulatorPlace;
  if (pageAlerts > 0) await simulator.ask({ ask: 'show-page', alerts: pageAlerts, bytes: alertBytes });
  if (backlog > 0) {
    const args = [join(folder, 'state.db'), sourceName, sinkName, String(backlog)];
    execFileSync(process.execPath, [place.own('memory/fill'), ...args]);
    place.say(`filled: ${backlog} events`);
  }
  const sink = {
    type: 'syslog',
    host: '127.0.0.1',
    port: place.ports.tcp,
    transport: 'tcp',
    format: 'cef',
    maxMessageBytes: '64KiB',
  };
  const config = writeConnectorConfig(folder, at, { type: 'alerts', every: '5m', since, sink });
  const expected = backlog + pageAlerts;
  const arrived = expected === 0 ? hasRead(simulator) : place.receiver.ask({ count: expected });
  await using running = new Program(place.program, ['run', '--config', config]);
  await Promise.race([arrived, running.ended()]);
  const peak = peakMemoryOf(running.pid);
  const said = await simulator.ask({ ask: 'answers' });
  const answers = 'answers' in said ? said.answers.filter(({ api }) => api !== 'token').length : 0;
  place.say(`memory, ${name}: ${(peak / 2 ** 20).toFixed(0)} MiB, ${answers} answers read`);
  return peak;
}

/** Resolves some time after the API was asked first. */
async function hasRead(simulator: SimulatorHelper): Promise<void> {
  for (;;) {
    const said = await simulator.ask({ ask: 'next-answer' });
    if ('answers' in said && said.answers.some(({ api }) => api !== 'token')) break;
  }
  await sleep(idleMs);
}
