import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Which rotated files are kept, and how. */
export interface Retention {
  /** How many rotated files are kept beside the one that is written. */
  readonly keep: number;
  readonly gzip: boolean;
}

/** What a file that is being compressed ends in. */
const part = '.gz.part';

/** Mode of every file of the sink: the owner writes, the group reads, nobody else does. */
export const fileMode = 0o640;

/**
 * Renames the file to `NAME.20261103T082610123Z`, with `-2`, `-3`, … behind it when there are
 * such files, and makes the rename durable. Returns the new path.
 */
export async function rotate(path: string, nowMs: number): Promise<string> {
  const stem = `${basename(path)}.${new Date(nowMs).toISOString().replace(/[-:.]/g, '')}`;
  const last = (await readdir(dirname(path)))
    .filter((each) => isRotated(path, each) && each.startsWith(stem))
    .sort(byAge)
    .at(-1);
  const name = last === undefined ? stem : `${stem}-${countOf(last) + 1}`;
  const target = join(dirname(path), name);
  await rename(path, target);
  await syncFolder(dirname(path));
  return target;
}

/**
 * Brings the rotated files in order: compresses those that are to be, also what a crash left half compressed, and
 * deletes the oldest beyond `keep`.
 */
export async function tidy(path: string, retention: Retention): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const halves = names.filter((name) => name.endsWith(part) && isRotated(path, name.slice(0, -part.length)));
  for (const name of halves) await rm(join(folder, name));
  const whole = names.filter((name) => isRotated(path, name) && !name.endsWith('.gz'));
  for (const name of retention.gzip ? whole : []) await compress(join(folder, name));
  const rotated = (await readdir(folder)).filter((name) => isRotated(path, name)).sort(byAge);
  for (const name of rotated.slice(0, Math.max(0, rotated.length - retention.keep)))
    await rm(join(folder, name));
}

/** Makes what happened to the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isRotated(path: string, name: string): boolean {
  const stem = `${basename(path)}.`;
  return name.startsWith(stem) && /^\d{8}T\d{9}Z(-\d+)?(\.gz)?$/.test(name.slice(stem.length));
}

const rotatedName = /\.(\d{8}T\d{9}Z)(?:-(\d+))?(?:\.gz)?$/;

/** Oldest first: by the time in the name, then by the number behind it. */
function byAge(a: string, b: string): number {
  const timeA = rotatedName.exec(a)?.[1] ?? '';
  const timeB = rotatedName.exec(b)?.[1] ?? '';
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return countOf(a) - countOf(b);
}

/** The number behind the time in a rotated file's name; the first has none and is 1. */
function countOf(name: string): number {
  return Number(rotatedName.exec(name)?.[2] ?? 1);
}

/** Replaces a file by its compressed self; a crash in between leaves the file, or both, never neither. */
async function compress(path: string): Promise<void> {
  const half = `${path}${part}`;
  await pipeline(
    createReadStream(path),
    createGzip(),
    createWriteStream(half, { mode: fileMode, flush: true }),
  );
  await rename(half, `${path}.gz`);
  await syncFolder(dirname(path));
  await rm(path);
}
