import { catalogue } from '../catalogue.ts';
import { membersNamed, namesAndGroups } from '../config/groups.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import { durationText } from '../fields/duration.ts';
import { instantOf } from '../fields/instant.ts';
import type { BackfillSpec } from '../jobs/spec.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Command, type Invocation, listOption, textOption } from './command.ts';
import { giveJobs, type JobRequest } from './give-jobs.ts';
import { argumentsText, checkNames, invalid, jobHelp, jobOptions, timeOption } from './job-options.ts';

/** Microsoft keeps alerts this long, ms (API reference §4.1). */
const apiRetentionMs = 180 * 86_400_000;

/** `defender-siem backfill`: reads a past span of a source, beside the live watermark. */
export const backfill: Command = {
  options: jobOptions,
  help: [
    '  --source NAME     what to read; may be given several times; of a source of several tenants, `alerts` for all of them',
    'Reads what was last updated from --since up to --until, at most 180 days back, behind live reads wherever both want',
    "Microsoft's quota. What is known from before is dropped (`repeated`); what was forgotten since, some time after",
    '`store.retention`, is delivered again, under the same identifiers. The live watermark stays as it is.',
    ...jobHelp,
  ],
  async run(invocation) {
    const { io } = invocation;
    const config = await loadNamedConfig(findConfig(textOption(invocation, 'config')), catalogue, io.env);
    return giveJobs(invocation, config, () => {
      const sources = listOption(invocation, 'source');
      if (sources.length === 0) throw invalid('--source NAME: say which source is to be read');
      checkNames('source', sources, namesAndGroups(config.sources));
      const named = sources.flatMap((name) => membersNamed(config.sources, name));
      return [...new Set(named.map(({ name }) => name))].map((source) => requestFor(source, invocation));
    });
  },
};

function requestFor(source: string, invocation: Invocation): JobRequest {
  const nowMs = systemClock.now();
  const from = timeOption(invocation, 'since', nowMs);
  const to = timeOption(invocation, 'until', nowMs);
  if (from === undefined || to === undefined) {
    throw invalid('--since T --until T: say both ends of the span, such as --since 3h --until 1h');
  }
  if (to > instantOf(nowMs)) {
    throw invalid(`--until ${to}: lies in the future; what comes from now on is read live`);
  }
  if (from < instantOf(nowMs - apiRetentionMs)) {
    throw invalid(`--since ${from}: Microsoft keeps alerts for ${durationText(apiRetentionMs)}`);
  }
  if (to <= from) throw invalid(`--until ${to}: must be later than --since ${from}`);
  const asked = argumentsText({
    source,
    since: textOption(invocation, 'since'),
    until: textOption(invocation, 'until'),
  });
  const spec: BackfillSpec = { version: 1, source, asked, from, to };
  return { kind: 'backfill', asked, prepare: async () => ({ spec: JSON.stringify(spec) }) };
}
