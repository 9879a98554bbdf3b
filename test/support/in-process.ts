import { main } from '../../src/command-line.ts';
import type { Io } from '../../src/commands/command.ts';
import type { Ended } from './program-process.ts';

/** A command that runs in this process, with what its process would do for it. */
export interface Running {
  /** Resolves with what it came to; never rejects. */
  readonly ended: Promise<Ended>;
  /** As SIGTERM does, or SIGINT, SIGHUP, or a second SIGTERM. */
  send(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'second SIGTERM'): void;
}

/**
 * Starts `defender-siem` with these arguments in this process: where many are started, and the process around the
 * command does not matter. Its log goes to this process's standard error: `log.level: silent` keeps it from there.
 * `around` takes the place of what the process would be.
 */
export function startInProcess(args: readonly string[], around: Partial<Io> = {}): Running {
  let stdout = '';
  let stderr = '';
  const stop = new AbortController();
  const hurry = new AbortController();
  let reload = () => {};
  const ended = main(args, {
    out: (line) => {
      stdout += `${line}\n`;
    },
    err: (line) => {
      stderr += `${line}\n`;
    },
    readInput: async () => '',
    async *inputChunks() {},
    env: process.env,
    terminal: false,
    stop: stop.signal,
    hurry: hurry.signal,
    endAfterStop: () => {},
    onReload: (callback) => {
      reload = callback;
    },
    ...around,
  }).then((code) => ({ code, stdout, stderr }));
  return {
    ended,
    send: (signal) => {
      if (signal === 'SIGTERM' || signal === 'SIGINT') stop.abort();
      else if (signal === 'SIGHUP') reload();
      else hurry.abort();
    },
  };
}

/** Runs `defender-siem` with these arguments to its end in this process. */
export function runInProcess(args: readonly string[], around: Partial<Io> = {}): Promise<Ended> {
  return startInProcess(args, around).ended;
}
