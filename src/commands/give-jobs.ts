import { createApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { cancelled } from '../jobs/failure.ts';
import { readJob } from '../jobs/spec.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { isInUse } from '../store/lock.ts';
import { endQueuedJob, queueJob } from '../store/queue-job.ts';
import { openSqliteReader, openSqliteStore } from '../store/sqlite.ts';
import type { Store, StoredJob, StoreReader } from '../store/store.ts';
import { type Invocation, textOption } from './command.ts';
import { followJobs, reportJobs } from './follow-jobs.ts';
import { invalid } from './job-options.ts';

/** A job that a command asks for. */
export interface JobRequest {
  readonly kind: StoredJob['kind'];
  /** The arguments: a job of the same that is not over is gone on with, in place of a second one. */
  readonly asked: string;
  /** Returns what the store is to keep of it. */
  prepare(store: StoreReader): Promise<{ readonly spec: string; readonly keepFrom?: number }>;
}

/**
 * Has jobs done: by the process that has the store, whose progress is followed, or, where none has it or no longer, here.
 * Resolves with the exit code: 0 done, 3 left for later. With `--cancel` it ends a job in place of that.
 */
export async function giveJobs(
  invocation: Invocation,
  config: Config,
  requests: () => readonly JobRequest[],
  clock: Clock = systemClock,
): Promise<number> {
  const { path } = config.store;
  const cancel = textOption(invocation, 'cancel');
  if (cancel !== undefined) return cancelJob(path, cancel, invocation);
  const wanted = requests();
  if (invocation.options.detach === true) return leave(path, wanted, invocation);
  let ids: readonly number[] | undefined;
  for (;;) {
    const store = openUnlessInUse(path);
    if (store !== undefined) {
      await using _store = store;
      return await doHere(store, config, { wanted, ids }, invocation);
    }
    await using reader = openSqliteReader(path);
    ids ??= await keepAll(wanted, reader, invocation, queueAt(path));
    const code = await followJobs(ids, reader, invocation, clock);
    if (code !== undefined) return code;
  }
}

function cancelJob(path: string, text: string, { io }: Invocation): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || !endQueuedJob(path, id, systemClock.now(), cancelled)) {
    throw invalid(
      `--cancel ${text}: there is no such job that is not over; \`defender-siem status\` lists them`,
    );
  }
  io.out(`job ${id} is cancelled; what it has sent or accepted stays`);
  return 0;
}

function openUnlessInUse(path: string): Store | undefined {
  try {
    return openSqliteStore(path);
  } catch (error) {
    if (isInUse(error)) return undefined;
    throw error;
  }
}

/** Leaves the jobs to whoever has the store, now or later: without taking it, so that no `run` finds it in use. */
async function leave(path: string, wanted: readonly JobRequest[], invocation: Invocation): Promise<number> {
  const { io, options } = invocation;
  await using reader = openSqliteReader(path);
  const ids = await keepAll(wanted, reader, invocation, queueAt(path));
  if (options.json === true) io.out(JSON.stringify(ids.map((id) => ({ id }))));
  else for (const id of ids) io.out(`job ${id}; \`defender-siem status\` shows how far it is`);
  return 0;
}

/** Does the jobs in this process, which has the store. */
async function doHere(
  store: Store,
  config: Config,
  jobs: { readonly wanted: readonly JobRequest[]; readonly ids: readonly number[] | undefined },
  invocation: Invocation,
): Promise<number> {
  const { io } = invocation;
  const log = createLog(config.log.level, io.terminal);
  await using app = await createApp(config, { store, telemetry: new Telemetry(), clock: systemClock, log });
  const add: AddJob = (kind, spec, rest) => store.addJob(kind, spec, systemClock.now(), rest);
  const ids = jobs.ids ?? (await keepAll(jobs.wanted, store, invocation, add));
  const failure = await app.doJobs(ids, io.stop);
  const tell = config.sinks.some(({ type }) => type === 'stdout') ? io.err : io.out;
  return reportJobs(ids, await store.jobs(), { ...invocation, io: { ...io, out: tell } }, failure);
}

/** Keeps a job in the store; its id. */
type AddJob = (
  kind: StoredJob['kind'],
  spec: string,
  options: { readonly keepFrom?: number },
) => Promise<number>;

function queueAt(path: string): AddJob {
  return async (kind, spec, options) => queueJob(path, kind, spec, systemClock.now(), options);
}

/** Keeps the jobs that are not there yet; their ids. */
async function keepAll(
  requests: readonly JobRequest[],
  reader: StoreReader,
  { io }: Invocation,
  add: AddJob,
): Promise<readonly number[]> {
  const open = (await reader.jobs()).filter(({ endedAtMs }) => endedAtMs === undefined);
  const prepared = await Promise.all(
    requests.map(async (request) => ({ ...request, ...(await request.prepare(reader)) })),
  );
  const ids: number[] = [];
  for (const { kind, asked, spec, keepFrom } of prepared) {
    const same = open.find((stored) => stored.kind === kind && readJob(stored)?.spec.asked === asked);
    if (same !== undefined)
      io.err(`job ${same.id} of the same arguments is not over: it goes on where it is`);
    ids.push(same?.id ?? (await add(kind, spec, keepFrom === undefined ? {} : { keepFrom })));
  }
  return ids;
}
