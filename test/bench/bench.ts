import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Pages, type Shape, shapes, writePages } from './records.ts';
import type { Measured, ReceiverPorts, Stage, StageInput } from './stage.ts';
import { stages } from './stages/index.ts';
import { tableOf } from './table.ts';

// npm run bench -- [--records N] [--only NAME,…] [--shape alerts|events]

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '20000' },
    only: { type: 'string' },
    shape: { type: 'string' },
  },
});
const records = Number(values.records);
if (!Number.isSafeInteger(records) || records < 1)
  throw new Error(`--records ${values.records}: a number, please`);
const only = values.only?.split(',');
const chosen = stages.filter(({ name }) => name === 'floor' || only === undefined || only.includes(name));

const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'defender-siem-bench-'));
const receiver = await startReceiver();
try {
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} processors, Node ${process.version}\n`,
  );
  for (const shape of shapes.filter(({ name }) => values.shape === undefined || name === values.shape)) {
    await measureShape(shape);
  }
} finally {
  receiver.end();
  rmSync(folder, { recursive: true, force: true });
}

async function measureShape(shape: Shape): Promise<void> {
  const pages = writePages(shape, records, join(folder, shape.name));
  const rows: { readonly stage: Stage; readonly measured: Measured }[] = [];
  for (const stage of chosen) {
    const measured = runStage(stage, pages);
    rows.push({ stage, measured });
    process.stderr.write(
      `${shape.name} ${stage.name}: ${Math.round(measured.records / measured.wallSeconds)}/s\n`,
    );
  }
  const size = Math.round(pages.bytes / pages.records);
  console.log(`${pages.records} ${shape.name} of ${size} bytes on average\n\n${tableOf(rows)}`);
}

function runStage(stage: Stage, pages: Pages): Measured {
  const own = join(folder, stage.name);
  mkdirSync(own, { recursive: true });
  const input: StageInput = {
    pages,
    folder: own,
    ...(stage.delivers === true && { receiver: receiver.ports }),
  };
  const program = fileURLToPath(new URL('run-stage.ts', import.meta.url));
  const out = execFileSync(process.execPath, [program, stage.name], { input: JSON.stringify(input) });
  rmSync(own, { recursive: true, force: true });
  return JSON.parse(out.toString()) as Measured;
}

async function startReceiver(): Promise<{ readonly ports: ReceiverPorts; end(): void }> {
  const program = fileURLToPath(new URL('receiver.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { ports: JSON.parse(line.toString()) as ReceiverPorts, end: () => void child.stdin.end() };
}
