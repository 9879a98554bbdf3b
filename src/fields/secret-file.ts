import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../runtime/clock.ts';

/** The longest credential taken, bytes: a larger file is another file by mistake. */
const maxBytes = 2 ** 20;
/** How long a look at the file holds, ms: reads in between answer from memory. */
const lookEveryMs = 2_000;
/** How long unchanged metadata is believed, ms: a file system with coarse times can hide a change (design §5). */
const readEveryMs = 60_000;

/**
 * Returns the text of a file without its trailing line ends and the mark that some editors begin UTF-8 with. Throws an `Error` with a plain message when it cannot be
 * read, is no regular file (a device or a pipe would never end), or is too large.
 */
export function readTextFile(path: string): string {
  const stats = statSync(path);
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  if (stats.size > maxBytes) throw new Error(`${path} is larger than 1 MiB`);
  return readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/[\r\n]+$/, '');
}

/**
 * Returns a function that gives the present content of a credential's file: looked at again at most every 2 s, and
 * read again when its time, size or inode changed, or after a minute; at once where a fresh one is asked for. While the
 * file is gone, unreadable or empty, as in the middle of a rotation, the last value stays. Throws like `readTextFile`
 * when it cannot be read at first.
 */
export function secretFile(path: string, clock: Pick<Clock, 'now'>): (fresh?: boolean) => string {
  let value = readTextFile(path);
  let identity = fileIdentity(path);
  let lookedAt = clock.now();
  let readAt = lookedAt;

  return (fresh = false) => {
    const now = clock.now();
    // A clock that was set back must not freeze the value until it has caught up.
    if (!fresh && Math.abs(now - lookedAt) < lookEveryMs) return value;
    lookedAt = now;
    const current = fileIdentity(path);
    if (current === undefined) return value;
    if (!fresh && current === identity && Math.abs(now - readAt) < readEveryMs) return value;
    const text = textOrUndefined(path);
    if (text === undefined || text === '') return value;
    identity = current;
    readAt = now;
    value = text;
    return value;
  };
}

function textOrUndefined(path: string): string | undefined {
  try {
    return readTextFile(path);
  } catch {
    return undefined; // Gone between the look and the read: the next look decides.
  }
}

function fileIdentity(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
  } catch {
    return undefined; // Gone, or the way to it is broken or shut, as while a volume is mounted anew.
  }
}
