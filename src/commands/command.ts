import type { ParseArgsOptionsConfig } from 'node:util';
import type { EndLimits } from '../signals.ts';

/** What a command is given: its arguments, and the process around it. */
export interface Invocation {
  /** Options by their long name; `true` for a flag, the text for an option with a value, all texts for a list. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
  readonly io: Io;
}

/** The process around a command, handed in so that a test can take its place. */
export interface Io {
  /** Writes a result to standard output, line end added. */
  out(line: string): void;
  /** Writes a message for the person at the terminal to standard error, line end added. */
  err(line: string): void;
  /** The bytes of standard input, decoded as UTF-8. */
  readInput(): Promise<string>;
  /** The bytes of standard input as they come, for input of any size. */
  inputChunks(): AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard error is a terminal: logs are pretty and progress is shown. */
  readonly terminal: boolean;
  /** Standard output is a terminal that shows colours; absent: it is not. */
  readonly colours?: boolean;
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  /** Aborts when it is asked to stop again while it is stopping: then nothing more is waited for. */
  readonly hurry: AbortSignal;
  /** From now on the process ends so long after `stop` and `hurry`, whatever still hangs then. The latest call counts. */
  endAfterStop(limits: EndLimits): void;
  /** Calls back at each SIGHUP, and at once when there was one before. */
  onReload(callback: () => void): void;
}

/** One verb of the command line. */
export interface Command {
  readonly options: ParseArgsOptionsConfig;
  /** Names of the positional arguments for the usage line, such as `[FILE…]`; none taken when absent. */
  readonly positionals?: string;
  /** What `--help` says beside the usage line, a line each. */
  readonly help?: readonly string[];
  /** Resolves with the exit code; throws a `ConnectorError` for a failure that has one. */
  run(invocation: Invocation): Promise<number>;
}

/** A command in the list: told in one line, loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** The option that every command with a configuration takes. */
export const configOption = { config: { type: 'string', short: 'c' } } as const;

/** Returns a text option; undefined when it was not given. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the texts of an option that may be given several times; none when it was not given. */
export function listOption(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name];
  return Array.isArray(value) ? value : [];
}
