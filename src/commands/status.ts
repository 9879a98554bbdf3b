import { assessHealth, type Finding, type Health, type SourceHealth } from '../app/health.ts';
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
  async run(invocation) {
    const { io, options } = invocation;
    const config = loadConfig(findConfig(textOption(invocation, 'config')), parts, io.env);
    const { path } = config.store;
    try {
      const health = assessHealth(config, await readProgress(path), systemClock.now());
      io.out(options.json === true ? JSON.stringify(health) : describe(health));
      return health.healthy ? 0 : 1;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'STORE_DAMAGED') throw error;
      // What can still be read is told all the same, and then what is wrong.
      const survey = surveyStore(path);
      const health = assessHealth(config, { ...survey, jobs: [] }, systemClock.now());
      io.out(
        options.json === true
          ? JSON.stringify({ ...health, healthy: false, damage: messageOf(error), tables: survey.tables })
          : describe({ ...health, healthy: false }),
      );
      throw withSurvey(error, path, survey);
    }
  },
};

async function readProgress(path: string): Promise<Parameters<typeof assessHealth>[1]> {
  await using store = openSqliteReader(path, { checked: true });
  return { ...(await store.progress()), jobs: await store.jobs() };
}

/** How many jobs that are over are told of. */
const toldJobs = 3;

function describe({ healthy, sources, sinks, credentials, jobs }: Health): string {
  const open = jobs.filter(({ ended }) => ended === undefined);
  const over = jobs.filter(({ ended }) => ended !== undefined).slice(0, toldJobs);
  const told = [...open, ...over];
  const lines = [
    'sources',
    ...sources.map((source) =>
      line(source, [
        `${source.type} of ${source.tenant}`,
        source.watermark === undefined
          ? 'no watermark'
          : `read up to ${source.watermark} (${span(source.lagMs)} ago)`,
        `accepted ${source.accepted}`,
        `repeated ${source.repeated}`,
        ...completeness(source),
      ]),
    ),
    'sinks',
    ...sinks.map((sink) =>
      line(sink, [
        sink.type,
        `backlog ${sink.backlog}${sink.waitingMs === undefined ? '' : ` (oldest ${span(sink.waitingMs)})`}`,
        `dead letters ${sink.deadLetters}`,
      ]),
    ),
    'credentials',
    ...credentials.map((credential) =>
      line(credential, [
        credential.kind,
        credential.expires === undefined ? 'end not known here' : `until ${credential.expires}`,
      ]),
    ),
    ...(told.length === 0 ? [] : ['jobs', ...told.map((job) => `  ${jobLine(job)}`)]),
    healthy ? 'healthy' : 'not healthy',
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
          `audit of ${audit.at}: expected ${audit.expected}, accepted ${audit.accepted}, healed ${audit.healed}`,
        ]),
    ...(gaps === 0 ? [] : [`gaps ${gaps}`]),
  ];
}

function line(finding: Finding, facts: readonly string[]): string {
  const verdict =
    finding.problem === ''
      ? 'ok'
      : finding.healthy
        ? `note: ${finding.problem}`
        : `NOT OK: ${finding.problem}`;
  return `  ${finding.name}: ${[...facts, verdict].join(', ')}`;
}

function span(ms: number | undefined): string {
  return ms === undefined ? 'never' : durationText(ms);
}
