import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './part.ts';
import type { Pages } from './records.ts';
import type { Measured, Stage, StageInput } from './stage.ts';

/** Measures a stage in a process of its own; throws with what it wrote on standard error when it fails. */
export function measureStage(stage: Stage, pages: Pages, place: Place): Measured {
  const folder = join(place.folder, `stage-${stage.name}`);
  mkdirSync(folder, { recursive: true });
  const input: StageInput = { pages, folder, ...(stage.delivers === true && { receiver: place.ports }) };
  const args = [place.own('run-stage'), stage.name, String(place.options.rounds)];
  try {
    const out = execFileSync(process.execPath, args, { input: JSON.stringify(input) });
    return JSON.parse(out.toString()) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
