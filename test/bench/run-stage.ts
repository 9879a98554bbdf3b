import { readFileSync } from 'node:fs';
import { keepHeapSmall } from '../../src/runtime/heap.ts';
import { peakMemoryOf } from './process-figures.ts';
import { medianOf, runRound } from './round.ts';
import type { Measured, Stage, StageInput } from './stage.ts';
import { bareStages } from './stages/bare.ts';

// A process of its own for each stage: `run-stage.ts NAME ROUNDS` reads its input as JSON on standard input, does the
// work once to warm up and then so many times with the clock running, and prints the medians.

const [, , name, rounds] = process.argv;
const named = (stages: readonly Stage[]) => stages.find((candidate) => candidate.name === name);
const stage = named(bareStages) ?? named((await import('./stages/index.ts')).stages);
if (stage === undefined) throw new Error(`there is no stage ${name}`);
if (stage.plainNode !== true) keepHeapSmall();
const input = JSON.parse(readFileSync(0, 'utf8')) as StageInput;
const work = await stage.prepare(input);
await runRound(work, input.pages.files);

const all = [];
for (let round = 0; round < Number(rounds); round++) all.push(await runRound(work, input.pages.files));
const measured: Measured = {
  records: medianOf(all.map(({ records }) => records)),
  wallSeconds: medianOf(all.map(({ wallSeconds }) => wallSeconds)),
  cpuSeconds: medianOf(all.map(({ cpuSeconds }) => cpuSeconds)),
  peakBytes: peakMemoryOf('self'),
};
console.log(JSON.stringify(measured));
process.exit(0);
