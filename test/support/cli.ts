import { onTestFinished } from 'vitest';
import { type CliOptions, type Ended, ProgramProcess } from './program-process.ts';

export type { CliOptions, Ended } from './program-process.ts';

/** A process of the real program; killed at the end of the test at the latest. */
export class Cli extends ProgramProcess {
  /** Starts `defender-siem` with these arguments. */
  constructor(args: readonly string[], options: CliOptions = {}) {
    super(args, options);
    onTestFinished(() => this[Symbol.asyncDispose]());
  }
}

/** Runs `defender-siem` with these arguments to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return new Cli(args, options).ended();
}
