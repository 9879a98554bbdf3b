import { loadPackage } from './packages.ts';

/** Facts of a log line. Never a secret: pass a `Secret` where one must be named, it prints as `[secret]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. `warn`: unexpected, nothing lost. `error`: data lost, or a human is needed. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The levels of the configuration's `log.level`. */
export type LogLevel = (typeof levels)[number];

/**
 * Returns a log that writes to standard error: JSON lines, or one readable line each on a terminal. `write` takes
 * the place of standard error in tests.
 */
export function createLog(level: LogLevel, pretty: boolean, write = toStandardError): Log {
  let made: Log | undefined;
  // The first line loads pino: until there is one to be told, a start goes on without it.
  const tell = (of: keyof Log, fields: LogFields, message: string) => {
    if (levels.indexOf(of) < levels.indexOf(level)) return;
    made ??= createPinoLog(level, pretty ? (line) => write(prettyLine(line)) : write);
    made[of](fields, message);
  };
  return {
    debug: (fields, message) => tell('debug', fields, message),
    info: (fields, message) => tell('info', fields, message),
    warn: (fields, message) => tell('warn', fields, message),
    error: (fields, message) => tell('error', fields, message),
  };
}

function createPinoLog(level: LogLevel, write: (line: string) => void): Log {
  const { pino } = loadPackage('pino') as typeof import('pino');
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
}

/** A log that keeps nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function toStandardError(text: string): void {
  process.stderr.write(text);
}

function prettyLine(line: string): string {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(facts)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}${shown === '' ? '' : `  ${shown}`}\n`;
}
