import { parseArgs } from 'node:util';
import type { Command, CommandEntry, Invocation, Io } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { nearest } from './config/suggest.ts';
import { ConnectorError, failures, messageOf } from './errors.ts';
import { packageVersion } from './version.ts';

const shared = { help: { type: 'boolean', short: 'h' } } as const;

/** A command that was stopped by a signal has left something to be done. */
const unfinished = 3;

/** Runs the command that `args` name and resolves with the exit code; messages go to `io`. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (error instanceof ConnectorError) {
      io.err(`defender-siem: ${messageOf(error)}`);
      return error.exitCode;
    }
    if (io.stop.aborted && error instanceof Error && error.name === 'AbortError') {
      io.err('defender-siem: stopped before it was done: run it again to go on');
      return unfinished;
    }
    io.err(`defender-siem: ${bugReport(error)}`);
    return failures.BUG.exitCode;
  }
}

/** Returns what is to be said of an error that nobody expected: where it came from, and nothing that hangs on it. */
export function bugReport(error: unknown): string {
  return `this is a bug, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    io.out(usage());
    return name === undefined ? failures.ARGUMENTS_INVALID.exitCode : 0;
  }
  if (name === '--version' || name === '-v') {
    io.out(packageVersion());
    return 0;
  }
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  const { values, positionals } = parse(entry, command, rest);
  if (values.help === true) {
    io.out(commandUsage(entry, command));
    return 0;
  }
  return command.run({ options: values as Invocation['options'], positionals, io });
}

function parse(entry: CommandEntry, command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...shared, ...command.options },
      allowPositionals: command.positionals !== undefined,
      strict: true,
    });
  } catch (error) {
    throw new ConnectorError('ARGUMENTS_INVALID', `${messageOf(error)}\n${commandUsage(entry, command)}`);
  }
}

function unknownCommand(name: string): ConnectorError {
  const suggestion = nearest(
    name,
    commands.map((command) => command.name),
  );
  const hint = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
  return new ConnectorError('ARGUMENTS_INVALID', `there is no command '${name}'${hint}\n${usage()}`);
}

function usage(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`);
  return [
    'defender-siem <command> [--config FILE] [--json]',
    '',
    ...lines,
    '',
    'defender-siem <command> --help tells the options of a command.',
  ].join('\n');
}

function commandUsage(entry: CommandEntry, command: Command): string {
  const options = Object.entries(command.options).map(([name, { type, multiple }]) =>
    type === 'boolean' ? `[--${name}]` : `[--${name} ${name.toUpperCase()}]${multiple === true ? '…' : ''}`,
  );
  const words = [
    'defender-siem',
    entry.name,
    ...options,
    ...(command.positionals ? [command.positionals] : []),
  ];
  return [`usage: ${words.join(' ')}`, `${entry.name}: ${entry.summary}`, ...(command.help ?? [])].join('\n');
}
