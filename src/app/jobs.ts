import type { Routes } from '../dispatch/routes.ts';
import { ConnectorError } from '../errors.ts';
import { performBackfill } from '../jobs/backfill.ts';
import { createReplayFeed } from '../jobs/replay.ts';
import { createJobRunner, type JobRunner } from '../jobs/runner.ts';
import { readJob } from '../jobs/spec.ts';
import type { StoredJob } from '../store/store.ts';
import type { AppContext } from './context.ts';
import type { AppSink } from './sink.ts';
import type { AppSource } from './source.ts';

/** Returns what does the replays and backfills of these sinks and sources; replays move on while dispatchers run. */
export function createAppJobs(
  { sources, sinks }: { readonly sources: readonly AppSource[]; readonly sinks: readonly AppSink[] },
  { store, clock, log, routes }: AppContext & { readonly routes: Routes },
): JobRunner {
  return createJobRunner({
    store,
    clock,
    log,
    async perform(job, signal) {
      if (job.kind === 'replay') {
        const sink = sinks.find(({ config }) => config.name === job.spec.sink);
        if (sink === undefined) throw gone('sink', job.spec.sink);
        return sink.dispatcher.replay(createReplayFeed(job, { store, routes, clock }), signal);
      }
      const source = sources.find(({ config }) => config.name === job.spec.source);
      if (source === undefined) throw gone('source', job.spec.source);
      await performBackfill(job, { store, openReader: source.openReader }, signal);
      return true;
    },
  });
}

/** True when a job sends to the sink, or may accept what goes there. */
export function concernsSink(stored: StoredJob, sink: string, routes: Routes): boolean {
  const job = readJob(stored);
  if (job === undefined) return false;
  return job.kind === 'replay' ? job.spec.sink === sink : routes.reach(job.spec.source, sink);
}

function gone(what: string, name: string): ConnectorError {
  return new ConnectorError('CONFIG_INVALID', `the configuration has no ${what} '${name}' any more`);
}
