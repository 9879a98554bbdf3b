import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Place } from './part.ts';
import type { Pages } from './records.ts';
import type { Measured, Stage, StageInput } from './stage.ts';

const run = promisify(execFile);
/** What was sent before a stage ended has come by then, ms. */
const longestWayMs = 10_000;

/**
 * Measures a stage in a process of its own. Rejects with what it wrote on standard error when it fails, and when the
 * receiver, where it counts, has not got all that was said to be delivered.
 */
export async function measureStage(stage: Stage, pages: Pages, place: Place): Promise<Measured> {
  const { rounds } = place.options;
  const folder = join(place.folder, `stage-${stage.name}`);
  mkdirSync(folder, { recursive: true });
  const input: StageInput = {
    pages,
    folder,
    ...(stage.delivers !== undefined && { receiver: place.ports }),
  };
  try {
    const count = pages.records * (rounds + 1);
    const counted = stage.delivers === 'counted' ? place.receiver.ask({ count }) : undefined;
    const running = run(process.execPath, [place.own('run-stage'), stage.name, String(rounds)]);
    running.child.stdin?.end(JSON.stringify(input));
    const measured = JSON.parse((await running).stdout) as Measured;
    await Promise.race([counted, late(stage.name)]);
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function late(name: string): Promise<never> {
  return new Promise((_, reject) => {
    const error = new Error(`${name}: the receiver has not got everything`);
    setTimeout(() => reject(error), longestWayMs).unref();
  });
}
