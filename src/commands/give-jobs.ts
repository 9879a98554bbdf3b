import { createApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { type ConnectorError, messageOf } from '../errors.ts';
import { durationText } from '../fields/duration.ts';
import { describeJob, jobState } from '../jobs/describe.ts';
import { cancelled, exitCodeOf } from '../jobs/failure.ts';
import { readJob } from '../jobs/spec.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { Telemetry } from '../runtime/telemetry.ts';
import { isInUse } from '../store/lock.ts';
import { endQueuedJob, queueJob } from '../store/queue-job.ts';
import { openSqliteReader, openSqliteStore } from '../store/sqlite.ts';
import type { Store, StoredJob, StoreReader } from '../store/store.ts';
import { type Invocation, textOption } from './command.ts';
import { invalid } from './job-options.ts';

/** A job that a command asks for. */
export interface JobRequest {
  readonly kind: StoredJob['kind'];
  /** The arguments: a job of the same that is not over is gone on with, in place of a second one. */
  readonly asked: string;
  /** Returns what the store is to keep of it. */
  prepare(store: StoreReader): Promise<{ readonly spec: string; readonly keepFrom?: number }>;
}

/** Exit code of a command whose job is not done: it was stopped, detached from, or cancelled. */
const leftUndone = 3;
/** How often a job that another process does is looked at, ms. */
const lookEveryMs = 500;
/** A job that stands still for this long is worth a word, ms. */
const standstillMs = 30_000;

/**
 * Has jobs done: by the process that has the store, whose progress is followed, or else here. Resolves with the exit
 * code: 0 done, 3 left for later. With `--cancel` it ends a job in place of that.
 */
export async function giveJobs(
  invocation: Invocation,
  config: Config,
  requests: () => readonly JobRequest[],
): Promise<number> {
  const { path } = config.store;
  const cancel = textOption(invocation, 'cancel');
  if (cancel !== undefined) return cancelJob(path, cancel, invocation);
  const wanted = requests();
  const store = openUnlessInUse(path);
  if (store === undefined) return giveAway(path, wanted, invocation);
  await using _store = store;
  return await doHere(store, config, wanted, invocation);
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

/** Has another process do the jobs. */
async function giveAway(
  path: string,
  requests: readonly JobRequest[],
  invocation: Invocation,
): Promise<number> {
  await using reader = openSqliteReader(path);
  const ids = await keepAll(requests, reader, invocation, async (kind, spec, options) =>
    queueJob(path, kind, spec, systemClock.now(), options),
  );
  if (invocation.options.detach === true) return told(ids, invocation);
  return await follow(ids, reader, invocation);
}

/** Does the jobs in this process, which has the store. */
async function doHere(
  store: Store,
  config: Config,
  requests: readonly JobRequest[],
  invocation: Invocation,
): Promise<number> {
  const { io, options } = invocation;
  const log = createLog(config.log.level, io.terminal);
  await using app = await createApp(config, { store, telemetry: new Telemetry(), clock: systemClock, log });
  const ids = await keepAll(requests, store, invocation, (kind, spec, rest) =>
    store.addJob(kind, spec, systemClock.now(), rest),
  );
  if (options.detach === true) return told(ids, invocation);
  const failure = await app.doJobs(ids, io.stop);
  const tell = config.sinks.some(({ type }) => type === 'stdout') ? io.err : io.out;
  return report(ids, await store.jobs(), { ...invocation, io: { ...io, out: tell } }, failure);
}

/** Keeps the jobs that are not there yet; their ids. */
async function keepAll(
  requests: readonly JobRequest[],
  reader: StoreReader,
  { io }: Invocation,
  add: (kind: StoredJob['kind'], spec: string, options: { readonly keepFrom?: number }) => Promise<number>,
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

function told(ids: readonly number[], { io, options }: Invocation): number {
  if (options.json === true) io.out(JSON.stringify(ids.map((id) => ({ id }))));
  else for (const id of ids) io.out(`job ${id}; \`defender-siem status\` shows how far it is`);
  return 0;
}

/** Shows how far the jobs are until they are over. */
async function follow(ids: readonly number[], reader: StoreReader, invocation: Invocation): Promise<number> {
  const { io } = invocation;
  let shown = '';
  let movedAtMs = systemClock.now();
  while (!io.stop.aborted) {
    const jobs = await reader.jobs();
    const open = jobs.filter(({ id, endedAtMs }) => ids.includes(id) && endedAtMs === undefined);
    if (open.length === 0) return report(ids, jobs, invocation, undefined);
    const now = open.map(describeJob).join('\n');
    if (now !== shown) {
      if (io.terminal) io.err(now);
      shown = now;
      movedAtMs = systemClock.now();
    } else if (systemClock.now() - movedAtMs > standstillMs) {
      io.err(
        `no progress for ${durationText(standstillMs)}: \`defender-siem status\` says how the sink or source is; ` +
          'where no `defender-siem run` is up any more, the job goes on with the next one',
      );
      movedAtMs = Number.POSITIVE_INFINITY;
    }
    await systemClock.sleep(lookEveryMs, io.stop);
  }
  return report(ids, await reader.jobs(), invocation, undefined);
}

/** Says what came of the jobs; the exit code. */
function report(
  ids: readonly number[],
  jobs: readonly StoredJob[],
  { io, options }: Invocation,
  failure: ConnectorError | undefined,
): number {
  const mine = jobs.filter(({ id }) => ids.includes(id)).toSorted((a, b) => a.id - b.id);
  if (options.json === true) io.out(JSON.stringify(mine.map(jobState)));
  else for (const job of mine) io.out(describeJob(job));
  const open = mine.filter(({ endedAtMs }) => endedAtMs === undefined);
  if (failure !== undefined) io.err(`defender-siem: ${messageOf(failure)}`);
  for (const { id, kind } of open) {
    io.err(
      `job ${id} stays and goes on where it is: \`defender-siem status\` shows how far, \`defender-siem ${kind} --cancel ${id}\` ends it`,
    );
  }
  if (failure !== undefined) return failure.exitCode;
  const failed = mine.find(({ error }) => error !== undefined && error !== cancelled);
  if (failed?.error !== undefined) return exitCodeOf(failed.error);
  return open.length > 0 || mine.some(({ error }) => error === cancelled) ? leftUndone : 0;
}
