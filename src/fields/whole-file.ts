import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that it is there whole or as it was before, whatever ends the process: beside it first, onto the
 * disk, then in its place. `mode` is that of the new file, such as 0o600; a symbolic link stays one, and what was there
 * stays its owner's where this process may give it away. Rejects as `node:fs` does, and leaves nothing behind then.
 */
export async function writeWholeFile(path: string, text: string, mode: number): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const before = await stat(target).catch(() => undefined);
  const half = join(folder, `.${basename(target)}.${randomUUID()}`);
  try {
    const file = await open(half, 'wx', mode);
    try {
      // What the process's mask has taken away is given back.
      await file.chmod(mode);
      // Only root may give a file away; for whoever else writes what is not theirs, it becomes theirs.
      if (before !== undefined) await file.chown(before.uid, before.gid).catch(() => {});
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, target);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** The new name is on the disk too; not every system lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  await handle.sync().catch(() => {});
  await handle.close();
}
