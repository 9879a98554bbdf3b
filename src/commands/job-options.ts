import { nearest } from '../config/suggest.ts';
import { ConnectorError } from '../errors.ts';
import { parseDuration } from '../fields/duration.ts';
import { type Instant, instantOf, parseInstant } from '../fields/instant.ts';
import { configOption, type Invocation, textOption } from './command.ts';

/** The options of every command that gives a job. */
export const jobOptions = {
  ...configOption,
  since: { type: 'string' },
  until: { type: 'string' },
  source: { type: 'string', multiple: true },
  detach: { type: 'boolean' },
  cancel: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** What `--help` says of those options. */
export const jobHelp: readonly string[] = [
  '  --since, --until  a time, such as 2026-11-03T08:00:00Z (UTC where no offset is given), or how long ago, such as 2h',
  '  --detach          does not wait: prints the number of the job',
  '  --cancel ID       ends a job; `defender-siem status` lists them',
  'Where a `run` has the store, that process does the job, beside its own work; else the command does it. A job outlasts',
  'both: after a kill it goes on where it was, with the next `run` or `once`, or with the same command given again.',
];

/** Returns the time that an option names: an ISO 8601 time, or so long ago; undefined when it was not given. */
export function timeOption(invocation: Invocation, name: string, nowMs: number): Instant | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  const agoMs = parseDuration(text);
  const time = agoMs === undefined ? parseInstant(text) : instantOf(nowMs - agoMs);
  if (time !== undefined) return time;
  throw invalid(`--${name} ${text}: write a time such as 2026-11-03T08:00:00Z, or how long ago, such as 2h`);
}

/** Throws when a name that an option gives is none of the configuration's. */
export function checkNames(option: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean '${near}'?`;
    throw invalid(`--${option} ${name}: the configuration has none of this name; ${hint}`);
  }
}

/** Returns the failure of a command whose arguments are wrong. */
export function invalid(message: string): ConnectorError {
  return new ConnectorError('ARGUMENTS_INVALID', message);
}

/** Returns the arguments of a command as they are kept with its job, by which it is known when it is given again. */
export function argumentsText(
  options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>,
): string {
  return Object.entries(options)
    .flatMap(([name, value]) => {
      if (value === undefined || value === false) return [];
      if (value === true) return [`--${name}`];
      return (typeof value === 'string' ? [value] : value).map((text) => `--${name} ${text}`);
    })
    .join(' ');
}
