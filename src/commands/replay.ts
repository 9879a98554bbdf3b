import { catalogue } from '../catalogue.ts';
import { membersNamed, namesAndGroups } from '../config/groups.ts';
import { findConfig, loadNamedConfig } from '../config/load.ts';
import { ConnectorError } from '../errors.ts';
import { epochMs } from '../fields/instant.ts';
import type { ReplaySpec } from '../jobs/spec.ts';
import { connectorSource } from '../record.ts';
import { systemClock } from '../runtime/clock.ts';
import type { StoreReader } from '../store/store.ts';
import { type Command, type Invocation, listOption, textOption } from './command.ts';
import { giveJobs, type JobRequest } from './give-jobs.ts';
import { argumentsText, checkNames, invalid, jobHelp, jobOptions, timeOption } from './job-options.ts';

/** `defender-siem replay`: sends journal rows, or dead letters, again to a sink. */
export const replay: Command = {
  options: {
    ...jobOptions,
    sink: { type: 'string', multiple: true },
    'dead-letters': { type: 'boolean' },
    all: { type: 'boolean' },
  },
  help: [
    '  --sink NAME       where to send; may be given several times',
    `  --source NAME     only what came from this source; may be given several times; \`${connectorSource}\`: its own events`,
    '  --dead-letters    what the sink has refused, in place of journal rows; what it takes now is a dead letter no longer',
    '  --all             also what no route leads to the sink; without it, a replay sends what the routes send',
    'What was accepted from --since up to --until, and that the sink has passed, is sent in the order of its acceptance,',
    'under the identifiers and in the format of today, between the batches of what is new. --since 7d sends all there is.',
    ...jobHelp,
  ],
  async run(invocation) {
    const { io } = invocation;
    const config = await loadNamedConfig(findConfig(textOption(invocation, 'config')), catalogue, io.env);
    return giveJobs(invocation, config, () => {
      const sinks = listOption(invocation, 'sink');
      if (sinks.length === 0) throw invalid('--sink NAME: say which sink is to be sent to');
      const sinkNames = config.sinks.map(({ name }) => name);
      checkNames('sink', sinks, sinkNames);
      const sourceNames = [...namesAndGroups(config.sources), connectorSource];
      const named = listOption(invocation, 'source');
      checkNames('source', named, sourceNames);
      // Those of a group, and `connector`, which none of the configuration is named.
      const sources = named.flatMap((name) => [
        name,
        ...membersNamed(config.sources, name).map((each) => each.name),
      ]);
      return [...new Set(sinks)].map((sink) => requestFor(sink, [...new Set(sources)], invocation));
    });
  },
};

function requestFor(sink: string, sources: readonly string[], invocation: Invocation): JobRequest {
  const nowMs = systemClock.now();
  const since = timeOption(invocation, 'since', nowMs);
  const until = timeOption(invocation, 'until', nowMs);
  const deadLetters = invocation.options['dead-letters'] === true;
  const allRoutes = invocation.options.all === true;
  if (since === undefined && !deadLetters) {
    throw invalid('--since T: say from when; --since 7d sends all that the journal still has of 7 days');
  }
  if (since !== undefined && epochMs(since) > nowMs) throw invalid(`--since ${since}: lies in the future`);
  if (since !== undefined && until !== undefined && until <= since) {
    throw invalid(`--until ${until}: must be later than --since ${since}`);
  }
  const asked = argumentsText({
    sink,
    since: textOption(invocation, 'since'),
    until: textOption(invocation, 'until'),
    source: listOption(invocation, 'source'),
    'dead-letters': deadLetters,
    all: allRoutes,
  });
  return {
    kind: 'replay',
    asked,
    async prepare(store) {
      const sinceMs = since === undefined ? undefined : epochMs(since);
      const after = deadLetters || sinceMs === undefined ? 0 : (await store.positionAt(sinceMs)) - 1;
      const spec: ReplaySpec = {
        version: 1,
        sink,
        asked,
        sources: sources.length === 0 ? undefined : [...sources],
        deadLetters,
        allRoutes,
        sinceMs,
        untilMs: until === undefined ? undefined : epochMs(until),
        after: Math.max(0, after),
        through: await offsetOf(sink, store),
      };
      return { spec: JSON.stringify(spec), ...(deadLetters ? {} : { keepFrom: spec.after + 1 }) };
    },
  };
}

/** What the sink has not passed yet is on its way to it anyway, and must not be overtaken. */
async function offsetOf(sink: string, store: StoreReader): Promise<number> {
  const { sinks } = await store.progress();
  const known = sinks.find((progress) => progress.sink === sink);
  if (known !== undefined) return known.offset;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `--sink ${sink}: the store does not know it yet; \`run\` registers it, one that is up when it loads the configuration (SIGHUP)`,
  );
}
