import { join } from 'node:path';
import { measureStage } from './measure-stage.ts';
import { atLeast, atMost, type Findings, type Part, type Place, type Target } from './part.ts';
import { type Shape, writePages } from './records.ts';
import type { Measured, Stage } from './stage.ts';
import { stages } from './stages/index.ts';
import { type Column, tableOf } from './table.ts';

/** A stage with what it came to. */
interface Row {
  readonly stage: Stage;
  readonly measured: Measured;
}

const columns: readonly Column[] = [
  { head: 'Stage' },
  { head: 'Records/s', figures: true },
  { head: 'CPU s per million', figures: true },
  { head: 'Peak memory, MiB', figures: true },
  { head: 'Ratio to the floor', figures: true },
  { head: 'CPU to that of the floor', figures: true },
];

/** Every stage by itself, and the whole way. */
export const stagesPart: Part = {
  name: 'stages',
  title: 'Stages',
  about:
    'Each stage in a process of its own over the same pages on disk, read one at a time: once to warm up, then some ' +
    'timed rounds, whose medians these are. The floor is `JSON.parse` of the same bytes with the same Node, in the ' +
    'same run; its ratio is that of records/s, the last column that of CPU time. Deliveries go to a counting receiver ' +
    'in another process. Node itself takes some 45 MiB of the memory.',
  async run(place) {
    const results: Findings[] = [];
    for (const shape of place.options.shapes) results.push(await measureShape(shape, place));
    return {
      text: results.map(({ text }) => text).join('\n'),
      targets: results.flatMap(({ targets }) => targets),
    };
  },
};

async function measureShape(shape: Shape, place: Place): Promise<Findings> {
  const { only, records } = place.options;
  const pages = writePages(shape, records, join(place.folder, shape.name));
  const rows: Row[] = [];
  for (const stage of stages) {
    if (stage.name !== 'floor' && only?.includes(stage.name) === false) continue;
    const measured = await measureStage(stage, pages, place);
    place.say(`${shape.name} ${stage.name}: ${Math.round(perSecond(measured))}/s`);
    rows.push({ stage, measured });
  }
  const size = Math.round(pages.bytes / pages.records);
  return {
    text: `${pages.records.toLocaleString('en')} ${shape.name} of ${size} bytes on average:\n\n${tableOf(columns, cellsOf(rows))}`,
    targets: targetsOf(shape.name, rows),
  };
}

/** Records a second. */
export function perSecond({ records, wallSeconds }: Measured): number {
  return records / wallSeconds;
}

function cpuPerMillion({ records, cpuSeconds }: Measured): number {
  return (cpuSeconds / records) * 1e6;
}

function cellsOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const floor = rows[0]?.measured;
  return rows.map(({ stage, measured }) => [
    stage.title,
    Math.round(perSecond(measured)).toLocaleString('en'),
    cpuPerMillion(measured).toFixed(1),
    (measured.peakBytes / 2 ** 20).toFixed(0),
    floor === undefined ? '' : (perSecond(measured) / perSecond(floor)).toFixed(2),
    floor === undefined ? '' : (cpuPerMillion(measured) / cpuPerMillion(floor)).toFixed(2),
  ]);
}

/** Ways that take other stages along with them: their CPU time is that of many stages. */
const severalStages = /^(?:floor|floor-own|split|parse|plain|whole-.*)$/;

function targetsOf(shape: string, rows: readonly Row[]): readonly Target[] {
  const by = new Map(rows.map(({ stage, measured }) => [stage.name, measured]));
  const floor = by.get('floor');
  const way = (name: string) => by.get(`whole-${name}`);
  const ratio = (what: string, one: Measured | undefined, other: Measured | undefined, asked: number) =>
    one === undefined || other === undefined
      ? []
      : [atLeast(`${shape}: ${what}`, asked, perSecond(one) / perSecond(other))];
  const tcp = way('tcp');
  return [
    ...ratio('whole way to plain Node', tcp, by.get('plain'), 0.6),
    ...ratio('TLS to TCP', way('tls'), tcp, 0.75),
    ...ratio('HEC with gzip to TCP', way('hec'), tcp, 0.5),
    ...ratio('JSON as it came to CEF', way('json'), tcp, 1.5),
    ...(tcp === undefined
      ? []
      : [atMost(`${shape}: peak memory of the whole way`, 150, tcp.peakBytes / 2 ** 20, ' MiB', 0)]),
    ...rows.flatMap(({ stage, measured }) =>
      floor === undefined || severalStages.test(stage.name)
        ? []
        : [
            atMost(
              `${shape}: CPU of \`${stage.name}\` to that of \`JSON.parse\``,
              1,
              cpuPerMillion(measured) / cpuPerMillion(floor),
            ),
          ],
    ),
  ];
}
