import type { Round, Work } from './stage.ts';

/** Does a stage's work over all pages once, and returns what the timed parts of it came to. */
export async function runRound(work: Work, files: readonly string[]): Promise<Round> {
  let records = 0;
  let wallMs = 0;
  let cpuMicros = 0;
  const timed = async (part: () => Promise<number> | number) => {
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    records += await part();
    wallMs += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuMicros += user + system;
  };
  await work.begin?.();
  for (const file of files) await timed(work.page(file));
  await timed(async () => {
    await work.finish?.();
    return 0;
  });
  await work.end?.();
  return { records, wallSeconds: wallMs / 1000, cpuSeconds: cpuMicros / 1e6 };
}

/** Returns the value in the middle; of an even count the lower of the two. Throws RangeError where there is none. */
export function medianOf(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}

/** Returns the least value that so great a share (0 to 1) of all does not exceed. Throws RangeError where there is none. */
export function percentileOf(values: readonly number[], share: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];
  if (value === undefined) throw new RangeError('nothing was measured');
  return value;
}
