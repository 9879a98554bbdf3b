import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { ConnectorError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { takeLock } from '../runtime/process-lock.ts';
import type { AccessFiles } from './access-files.ts';

/**
 * Runs `work` while no other process of this host provisions the same tenant from the same configuration: two at once
 * would make everything twice. Rejects with IDENTITY_UNAVAILABLE when another one does, and as `work` does.
 */
export async function aloneWithTenant<T>(
  { folder, lock, name }: AccessFiles,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  let held: Disposable | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    held = await takeLock(lock, { clock, withinMs: 0, signal });
  } catch {
    signal.throwIfAborted();
    // Who may not write here makes nothing either: the note that comes before the first step says so.
    return work();
  }
  if (held === undefined) {
    throw new ConnectorError(
      'IDENTITY_UNAVAILABLE',
      `another run provisions or deprovisions tenant ${name} at this moment, so this one has changed nothing: wait until that one has ended, then run this command again`,
    );
  }
  try {
    return await work();
  } finally {
    // Held until it is gone, so that nobody takes a lock on a file that is about to go.
    await rm(lock, { force: true }).catch(() => {});
    held[Symbol.dispose]();
  }
}
