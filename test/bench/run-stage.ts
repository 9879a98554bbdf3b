import { readFileSync } from 'node:fs';
import { keepHeapSmall } from '../../src/runtime/heap.ts';
import type { Measured, StageInput } from './stage.ts';
import { stages } from './stages/index.ts';

// A process of its own for each stage: `run-stage.ts NAME` reads its input as JSON on standard input, does the work once
// to warm up and once more with the clock running, and prints what that came to.

const stage = stages.find(({ name }) => name === process.argv[2]);
if (stage === undefined) throw new Error(`there is no stage ${process.argv[2]}`);
if (stage.name !== 'floor') keepHeapSmall();
const input = JSON.parse(readFileSync(0, 'utf8')) as StageInput;
const work = await stage.prepare(input);
await work();

const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const records = await work();
const wallSeconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);

const measured: Measured = {
  records,
  wallSeconds,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024,
};
console.log(JSON.stringify(measured));
process.exit(0);
