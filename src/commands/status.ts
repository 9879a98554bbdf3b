import {
  assessHealth,
  type Finding,
  type Health,
  type HealthFacts,
  readHealthFacts,
  type SourceHealth,
} from '../app/health.ts';
import { findConfig, loadConfig } from '../config/load.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { durationText } from '../fields/duration.ts';
import { jobLine } from '../jobs/describe.ts';
import { parts } from '../parts.ts';
import { systemClock } from '../runtime/clock.ts';
import { openSqliteReader } from '../store/sqlite.ts';
import { surveyStore, withSurvey } from '../store/survey.ts';
import { type Command, configOption, textOption } from './command.ts';

/**
 * `defender-siem status`: how sources, sinks and credentials are; exit code 1 when one of them is not well. Of a damaged
 * store it tells what can still be read, and fails with STORE_DAMAGED.
 */
export const status: Command = {
  options: { ...configOption, json: { type: 'boolean' } },
  help: [
    'The last line names what is not well; a line `problem:` under each of these says why. --json prints the same as',
    'one line of JSON. It reads the store beside the process that has it; exit code 6 when the store cannot be read.',
  ],
  async run(invocation) {
    const { io, options } = invocation;
    const config = loadConfig(findConfig(textOption(invocation, 'config')), parts, io.env);
    const { path } = config.store;
    try {
      const health = await assessHealth(config, await readFacts(path), systemClock.now());
      io.out(options.json === true ? JSON.stringify(health) : describe(health));
      return health.healthy ? 0 : 1;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'STORE_DAMAGED') throw error;
      // What can still be read is told all the same, and then what is wrong.
      const survey = surveyStore(path);
      const found = await assessHealth(config, { ...survey, jobs: [] }, systemClock.now());
      const store = { ...found.store, healthy: false, problem: 'is damaged: below stands what can be done' };
      const health = { ...found, healthy: false, store };
      io.out(
        options.json === true
          ? JSON.stringify({ ...health, damage: messageOf(error), tables: survey.tables })
          : describe(health),
      );
      throw withSurvey(error, path, survey);
    }
  },
};

async function readFacts(path: string): Promise<HealthFacts> {
  await using store = openSqliteReader(path, { checked: true });
  return await readHealthFacts(store);
}

/** How many jobs that are over are told of. */
const toldJobs = 3;

function describe({ healthy, store, sources, sinks, credentials, jobs }: Health): string {
  const open = jobs.filter(({ ended }) => ended === undefined);
  const over = jobs.filter(({ ended }) => ended !== undefined).slice(0, toldJobs);
  const told = [...open, ...over];
  const ill = [
    ...[store].map((finding) => ({ finding, words: 'store' })),
    ...sources.map((finding) => ({ finding, words: `source ${finding.name}` })),
    ...sinks.map((finding) => ({ finding, words: `sink ${finding.name}` })),
    ...credentials.map((finding) => ({ finding, words: `credential of ${finding.name}` })),
  ].filter(({ finding }) => !finding.healthy);
  const lines = [
    ...entry(
      store,
      store.bytes === undefined ? [] : [`${megabytes(store.bytes)} of ${megabytes(store.maxBytes)}`],
    ).map((line) => line.slice(2)),
    'sources',
    ...sources.flatMap((source) =>
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
    ),
    'sinks',
    ...sinks.flatMap((sink) =>
      entry(sink, [
        sink.type,
        `backlog ${sink.backlog}${sink.waitingMs === undefined ? '' : ` (oldest ${span(sink.waitingMs)})`}`,
        `dead letters ${sink.deadLetters}`,
      ]),
    ),
    'credentials',
    ...credentials.flatMap((credential) =>
      entry(credential, [
        credential.kind,
        credential.expires === undefined ? 'end not known here' : `until ${toSeconds(credential.expires)}`,
      ]),
    ),
    ...(told.length === 0 ? [] : ['jobs', ...told.map((job) => `  ${jobLine(job)}`)]),
    healthy
      ? 'healthy'
      : ['not healthy', ill.map(({ words }) => words).join(', ')].filter((words) => words !== '').join(': '),
  ];
  return lines.join('\n');
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
