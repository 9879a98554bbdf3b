import { main } from '../../src/command-line.ts';
import type { Ended } from './program-process.ts';

/**
 * Runs `defender-siem` with these arguments to its end in this process: for commands that end by themselves and log
 * nothing, of which many are tried. The process around them is tried with `runCli`.
 */
export async function runInProcess(args: readonly string[]): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const code = await main(args, {
    out: (line) => {
      stdout += `${line}\n`;
    },
    err: (line) => {
      stderr += `${line}\n`;
    },
    readInput: async () => '',
    env: process.env,
    terminal: false,
    stop: new AbortController().signal,
    hurry: new AbortController().signal,
    onReload: () => {},
  });
  return { code, stdout, stderr };
}
