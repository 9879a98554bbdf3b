import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Helper } from './child.ts';
import { writeConnectorConfig } from './connector-config.ts';
import { atMost, type Part, type Place, type Target } from './part.ts';
import { Program } from './program.ts';
import { shapes } from './records.ts';
import { medianOf } from './round.ts';
import type { SimulatorAnswer, SimulatorPlace, SimulatorQuestion } from './simulator-process.ts';
import { tableOf } from './table.ts';

const runs = 10;

/** What is started, and how long it may take, s. */
interface Start {
  readonly what: string;
  readonly asked: number;
  /** Starts it once; resolves with how long it took, ms. */
  once(): Promise<number>;
}

/** How fast the program is there. */
export const startPart: Part = {
  name: 'start',
  title: 'Start',
  about:
    'The program as it is installed, each time a new process: `run` from its start to the first request that has come in ' +
    'at the simulated API, over TLS; the other commands from start to end. Medians of ten.',
  async run(place) {
    const folder = join(place.folder, 'start');
    mkdirSync(folder);
    await using simulator = new Helper<SimulatorQuestion, SimulatorAnswer>(place.own('simulator-process'), [
      join(folder, 'tls'),
    ]);
    const config = writeConnectorConfig(folder, (await simulator.next()) as SimulatorPlace, {
      every: '30s',
      since: '1h',
      sink: { type: 'file', path: './out.ndjson', format: 'json' },
    });
    const rows: string[][] = [];
    const targets: Target[] = [];
    for (const { what, asked, once } of startsOf(place, folder, config, simulator)) {
      const times: number[] = [];
      for (let run = 0; run <= runs; run++) times.push(await once());
      // The first one warms the disk's cache.
      const [, ...counted] = times;
      const median = medianOf(counted) / 1000;
      place.say(`${what}: ${median.toFixed(3)} s`);
      rows.push([what, median.toFixed(3), (Math.max(...counted) / 1000).toFixed(3)]);
      targets.push(atMost(what, asked, median, ' s', 3));
    }
    const columns = [
      { head: 'Command' },
      { head: 'Median, s', figures: true as const },
      { head: 'Longest, s', figures: true as const },
    ];
    return { text: tableOf(columns, rows), targets };
  },
};

function startsOf(
  { program }: Place,
  folder: string,
  config: string,
  simulator: Helper<SimulatorQuestion, SimulatorAnswer>,
): readonly Start[] {
  const record = join(folder, 'alert.json');
  const [alert = ''] = shapes[0]?.records(1) ?? [];
  writeFileSync(record, alert);
  const whole = async (args: readonly string[]) => {
    const started = new Program(program, args);
    return (await started.ended()) - started.startedAtMs;
  };
  return [
    {
      what: '`run` to its first request',
      asked: 0.5,
      async once() {
        const answered = simulator.ask({ ask: 'next-answer' });
        await using running = new Program(program, ['run', '--config', config]);
        const answer = await answered;
        const [first] = 'answers' in answer ? answer.answers : [];
        return (first?.atMs ?? Number.NaN) - running.startedAtMs;
      },
    },
    { what: '`format` of one alert', asked: 0.3, once: () => whole(['format', '--as', 'cef', record]) },
    { what: '`check`', asked: 0.3, once: () => whole(['check', '--config', config]) },
  ];
}
