import { assessHealth, type Finding, type Health } from '../app/health.ts';
import { findConfig, loadConfig } from '../config/load.ts';
import { durationText } from '../fields/duration.ts';
import { parts } from '../parts.ts';
import { systemClock } from '../runtime/clock.ts';
import { openSqliteReader } from '../store/sqlite.ts';
import { type Command, configOption, textOption } from './command.ts';

/** `defender-siem status`: how sources, sinks and credentials are; exit code 1 when one of them is not well. */
export const status: Command = {
  options: { ...configOption, json: { type: 'boolean' } },
  async run(invocation) {
    const { io, options } = invocation;
    const config = loadConfig(findConfig(textOption(invocation, 'config')), parts, io.env);
    await using store = openSqliteReader(config.store.path);
    const nowMs = systemClock.now();
    const health = assessHealth(config, await store.progress(), nowMs);
    io.out(options.json === true ? JSON.stringify(health) : describe(health));
    return health.healthy ? 0 : 1;
  },
};

function describe({ healthy, sources, sinks, credentials }: Health): string {
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
    healthy ? 'healthy' : 'not healthy',
  ];
  return lines.join('\n');
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
