import { pino } from 'pino';

/** Facts of a log line. Never a secret: pass a `Secret` where one must be named, it prints as `[secret]`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. `warn`: unexpected, nothing lost. `error`: data lost, or a human is needed. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** The levels of the configuration's `log.level`. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * Returns a log that writes to standard error: JSON lines, or one readable line each on a terminal. `write` takes
 * the place of standard error in tests.
 */
export function createLog(level: LogLevel, pretty: boolean, write = toStandardError): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: pretty ? (line: string) => write(prettyLine(line)) : write },
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
