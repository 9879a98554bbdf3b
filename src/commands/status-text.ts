import { mostTold, namesText, select } from '../app/alike.ts';
import type { CredentialHealth } from '../app/credential-health.ts';
import type { Finding, Health, SinkHealth, SourceHealth } from '../app/health.ts';
import type { Count } from '../app/totals.ts';
import { durationText } from '../fields/duration.ts';
import { jobLine } from '../jobs/describe.ts';

/** How many jobs that are over are told of. */
const toldJobs = 3;

/** A section of the text: who is told of, and with which lines. */
interface Section<Each> {
  readonly title: string;
  readonly all: readonly Each[];
  /** The tenant, as it may be named in a problem. */
  readonly tenantOf?: (each: Each) => string;
  readonly lines: (each: Each) => readonly string[];
}

/**
 * Returns what `status` prints. Of more than 20 sources, sinks or credentials it sums up and tells of those that are not
 * well, unless `whole`.
 */
export function statusText(health: Health, whole: boolean): string {
  const { healthy, store, sources, sinks, credentials, jobs } = health;
  const open = jobs.filter(({ ended }) => ended === undefined);
  const over = jobs.filter(({ ended }) => ended !== undefined).slice(0, toldJobs);
  const told = [...open, ...over];
  const ill = [
    ...[store].map((finding) => ({ finding, words: 'store' })),
    ...sources.map((finding) => ({ finding, words: `source ${finding.name}` })),
    ...sinks.map((finding) => ({ finding, words: `sink ${finding.name}` })),
    ...credentials.map((finding) => ({ finding, words: `credential of ${finding.name}` })),
  ].filter(({ finding }) => !finding.healthy);
  const many = [sources, sinks, credentials].some(({ length }) => length > mostTold);
  const lines = [
    ...(many ? [totalsText(health)] : []),
    ...entry(
      store,
      store.bytes === undefined ? [] : [`${megabytes(store.bytes)} of ${megabytes(store.maxBytes)}`],
    ).map((line) => line.slice(2)),
    ...section<SourceHealth>(
      {
        title: 'sources',
        all: sources,
        tenantOf: ({ tenant }) => tenant,
        lines: (source) =>
          entry(
            source,
            [
              `${source.type} of ${source.tenant}`,
              source.watermark === undefined
                ? 'no watermark'
                : `read up to ${toSeconds(source.watermark)} (${span(source.lagMs)} ago)`,
              `accepted ${source.accepted}`,
              `repeated ${source.repeated}`,
            ],
            completeness(source),
          ),
      },
      whole,
    ),
    ...section<SinkHealth>(
      {
        title: 'sinks',
        all: sinks,
        lines: (sink) =>
          entry(sink, [
            sink.type,
            `backlog ${sink.backlog}${sink.waitingMs === undefined ? '' : ` (oldest ${span(sink.waitingMs)})`}`,
            `dead letters ${sink.deadLetters}`,
          ]),
      },
      whole,
    ),
    ...section<CredentialHealth>(
      {
        title: 'credentials',
        all: credentials,
        lines: (credential) =>
          entry(credential, [
            credential.kind,
            credential.expires === undefined
              ? 'end not known here'
              : `until ${toSeconds(credential.expires)}`,
          ]),
      },
      whole,
    ),
    ...(told.length === 0 ? [] : ['jobs', ...told.map((job) => `  ${jobLine(job)}`)]),
    healthy
      ? 'healthy'
      : ['not healthy', namesText(ill.map(({ words }) => words))].filter((words) => words !== '').join(': '),
  ];
  return lines.join('\n');
}

/** Returns one line that sums up. */
function totalsText({ totals }: Health): string {
  const { tenants, sources, sinks, accepted, gaps, furthestBehind, backlog, deadLetters } = totals;
  const count = (word: string, { total, notWell }: Count) =>
    `${total} ${word}${total === 1 ? '' : 's'}${notWell === 0 ? '' : ` (${notWell} not well)`}`;
  return [
    `total: ${[count('tenant', tenants), count('source', sources), count('sink', sinks)].join(', ')}`,
    `accepted ${accepted}, gaps ${gaps}, backlog ${backlog}, dead letters ${deadLetters}`,
    ...(furthestBehind === undefined
      ? []
      : [`furthest behind is ${furthestBehind.source}, by ${span(furthestBehind.lagMs)}`]),
  ].join('; ');
}

function section<Each extends Finding>(
  { title, all, tenantOf = ({ name }) => name, lines }: Section<Each>,
  whole: boolean,
): readonly string[] {
  const { told, alike, well } = whole ? { told: all, alike: [], well: 0 } : select(all, tenantOf);
  return [
    title,
    ...told.flatMap(lines),
    ...alike.map(({ as, names }) => `  in the same way as ${as.name}: ${namesText(names)}`),
    ...(well === 0 ? [] : [`  ${well} more are well: --all shows them`]),
  ];
}

/** How late records come, what the last audit found, and what could not be read. */
function completeness({ overlapMs, lateMs, audit, gaps }: SourceHealth): readonly string[] {
  return [
    ...(overlapMs === undefined
      ? []
      : [`overlap ${span(overlapMs)} (99.9 % late by ${span(lateMs)} or less)`]),
    ...(audit === undefined
      ? []
      : [
          `audit of ${toSeconds(audit.at)}: expected ${audit.expected}, accepted ${audit.accepted}, healed ${audit.healed}`,
        ]),
    ...(gaps === 0 ? [] : [`gaps ${gaps}`]),
  ];
}

/** Returns the lines of one finding: its verdict and facts, further facts, and what is wrong on a line of its own. */
function entry(
  finding: Finding,
  facts: readonly string[],
  further: readonly string[] = [],
): readonly string[] {
  const { name, healthy, problem } = finding;
  return [
    `  ${name}: ${[healthy ? 'ok' : 'NOT OK', ...facts].join(', ')}`,
    ...(further.length === 0 ? [] : [`    ${further.join(', ')}`]),
    ...(problem === '' ? [] : [`    ${healthy ? 'note' : 'problem'}: ${problem}`]),
  ];
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}

/** Returns a time in UTC without its fraction of a second. */
function toSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function span(ms: number | undefined): string {
  return ms === undefined ? 'never' : durationText(ms);
}
