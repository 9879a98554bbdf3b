import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const namespace = process.getuid?.() === 0 ? ['-m'] : ['-rm'];

/** Returns why no disk of its own can be made for a program here; undefined when one can. */
export function whyNoSmallDisk(): string | undefined {
  const script = 'mount -t tmpfs -o size=1m tmpfs "$0"';
  const trial = spawnSync('unshare', [...namespace, 'sh', '-c', script, tmpdir()], { encoding: 'utf8' });
  if (trial.error === undefined && trial.status === 0) return undefined;
  return `no disk can be made in a namespace: ${trial.error?.message ?? trial.stderr.trim()}`;
}

/**
 * Runs a program of this folder on a disk of its own of so many MiB, whose mount point is its first argument, and
 * returns what it printed. The disk is a file system in memory that only the program sees; making one takes root, or a
 * kernel that lets a user make namespaces.
 */
export async function runOnSmallDisk(
  program: string,
  mebibytes: number,
  args: readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'campaign-disk-'));
  try {
    const script = `disk=$1; program=$2; shift 2
      mount -t tmpfs -o size=${mebibytes}m tmpfs "$disk" && exec "$0" "$program" "$disk" "$@"`;
    const child = spawn(
      'unshare',
      [
        ...namespace,
        'sh',
        '-c',
        script,
        process.execPath,
        folder,
        join(import.meta.dirname, program),
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [output, problems, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${problems}`);
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
