import type { ProvisioningNote } from './access-files.ts';
import { consistencyMs } from './graph-call.ts';
import type { ProvisionParts } from './provision.ts';

/**
 * Waits until all of the directory knows what an earlier run did that was cut off a moment ago: what is planned before
 * that would be made twice. Rejects with the signal's reason.
 */
export async function waitForDirectory(
  note: ProvisioningNote | undefined,
  { clock, tell, signal }: Pick<ProvisionParts, 'clock' | 'tell' | 'signal'>,
): Promise<void> {
  if (note === undefined) return;
  const leftMs = note.atMs + consistencyMs - clock.now();
  if (leftMs <= 0 || leftMs > consistencyMs) return;
  const seconds = Math.ceil(leftMs / 1000);
  tell(
    `an earlier run was cut off a moment ago: waiting ${seconds} s until all of the directory knows what it did`,
  );
  await clock.sleep(leftMs, signal);
  signal.throwIfAborted();
}
