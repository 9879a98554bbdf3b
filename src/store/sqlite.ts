import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { prepareAccept } from './accept.ts';
import { type Connection, openForReading, openForWriting } from './connection.ts';
import { prepareCounters } from './counters.ts';
import type { ReadingEngine, StoreEngine } from './engine.ts';
import { prepareJobs } from './jobs.ts';
import { preparePositionAt, prepareRead } from './journal.ts';
import { bytesOnDisk, prepareProgress } from './progress.ts';
import { preparePrune } from './prune.ts';
import { createReserve, defaultReserveBytes, type Reserve } from './reserve.ts';
import { prepareSinks } from './sinks.ts';
import { prepareSourceNotes } from './source-notes.ts';
import { prepareSourceRows } from './source-rows.ts';
import { fullDisk, isDamage, isOutOfRoom } from './sqlite-error.ts';
import type { Store, StoreReader } from './store.ts';
import { readerOver, storeOver } from './store-over.ts';
import { surveyStore, withSurvey } from './survey.ts';

/** How a store is opened. */
export interface StoreOptions {
  /** Bytes of disk set aside for when it is full. */
  readonly reserveBytes?: number;
}

/**
 * Opens the store in a SQLite file, creating it when there is none. The write-ahead log is synced at each commit, so
 * that what was answered survives a loss of power. One process at a time: a second is refused, whatever became of the
 * first is cleared by its end. `reserveBytes` of disk are set aside by the first `prune`, for a disk that is full.
 * Throws STORE_UNUSABLE, STORE_DAMAGED or STORE_NEWER.
 */
export function openSqliteStore(path: string, options: StoreOptions = {}): Store {
  return storeOver(openEngine(path, options));
}

/** Opens the store as `openSqliteStore` does, for whoever speaks with it by pages and blocks. Throws as that does. */
export function openEngine(
  path: string,
  { reserveBytes = defaultReserveBytes }: StoreOptions = {},
): StoreEngine {
  const reserve = createReserve(path, reserveBytes);
  try {
    const connection = openForWriting(path, reserve);
    try {
      return createEngine(connection, reserve, reserveBytes / 4);
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw withSurvey(error, path, surveyStore(path));
  }
}

/**
 * Opens the store in a SQLite file for reading, beside the process that uses it. With `checked` it is looked over for
 * damage first, as `openSqliteStore` does. Throws as that does.
 */
export function openSqliteReader(
  path: string,
  { checked = false }: { readonly checked?: boolean } = {},
): StoreReader {
  const connection = openForReading(path, checked);
  try {
    return readerOver(createReader(connection));
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

function createReader(connection: Connection): ReadingEngine {
  const { watermark, known } = prepareAccept(connection);
  const { offset, deadLetters } = prepareSinks(connection);
  const { counter, counters } = prepareCounters(connection);
  const { gaps, audits } = prepareSourceNotes(connection);
  const { jobs } = prepareJobs(connection);
  const readBlocks = prepareRead(connection);
  const positionAt = preparePositionAt(connection);
  const progress = prepareProgress(connection);
  return {
    watermark: async (source) => watermark(source),
    offset: async (sink) => offset(sink),
    readBlocks: async (after, maxRows, maxBytes) => readBlocks(after, maxRows, maxBytes),
    deadLetters: async (sink, after = 0, maxRows = 1000) => deadLetters(sink, after, maxRows),
    positionAt: async (sinceMs) => positionAt(sinceMs),
    known: async (source, keys) => known(source, keys),
    counter: async (name) => counter(name),
    counters: async (prefix) => counters(prefix),
    gaps: async (source) => gaps(source),
    audits: async (source, maxRows) => audits(source, maxRows),
    jobs: async () => jobs(),
    bytes: async () => bytesOnDisk(connection.path),
    progress: async (source) => progress(source),
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}

/** `settleBytes`: of what was accepted, so much may be in the write-ahead log alone. */
function createEngine(connection: Connection, reserve: Reserve, settleBytes: number): StoreEngine {
  const accepting = prepareAccept(connection);
  const sinks = prepareSinks(connection);
  const { registerSources } = prepareSourceRows(connection);
  const notes = prepareSourceNotes(connection);
  const jobs = prepareJobs(connection);
  const pruning = preparePrune(connection);

  /** Bytes accepted since the log was last brought into the file. */
  let unsettled = 0;

  /** True while calls are made together: what there is no room for then has its remedies when it is made alone. */
  let together = false;
  let outOfRoom = false;

  /** True for a failure to be met with more room. */
  function wantsRoom(error: unknown): boolean {
    if (!isOutOfRoom(error)) return false;
    outOfRoom = true;
    return !together;
  }

  /** Runs what adds to the store: not on a full disk, whose last room is for what is delivered. */
  function adding<Result>(work: () => Result): Result {
    if (reserve.spent && !reserve.restore()) throw fullDisk(connection.path);
    try {
      return work();
    } catch (error) {
      if (wantsRoom(error)) reserve.spend();
      throw error;
    }
  }

  /** Runs what is small and cannot wait: on a full disk in the reserve's room, and in that of the log. */
  function urgent<Result>(work: () => Result): Result {
    for (let released = true; ; released = reserve.release()) {
      try {
        return work();
      } catch (error) {
        if (!wantsRoom(error) || !released) throw error;
        reserve.spend();
        // Where all of the log can go into the file, its own space is written anew.
        tryCheckpoint('RESTART');
      }
    }
  }

  /**
   * Lets the file grow by what was accepted while the reserve can still take it: SQLite itself would tell nobody that
   * the disk has no room for it, and fill the log until nothing at all can be written.
   */
  function settle(accepted: number): void {
    unsettled += accepted;
    if (unsettled < settleBytes || together) return;
    unsettled = 0;
    while (!tryCheckpoint('PASSIVE')) {
      reserve.spend();
      if (!reserve.release()) return;
    }
  }

  /** False when the disk has no room for it. */
  function tryCheckpoint(mode: Parameters<Connection['checkpoint']>[0]): boolean {
    try {
      connection.checkpoint(mode);
      return true;
    } catch (error) {
      if (!isOutOfRoom(error)) throw error;
      return false;
    }
  }

  return {
    ...createReader(connection),

    async acceptPage(request) {
      const { result, more, bytes } = adding(() => accepting.accept(request));
      const { source, forgetBefore } = request;
      if (bytes > 0) settle(bytes);
      for (let left = more; left && forgetBefore !== undefined && connection.open; ) {
        await yieldToOthers();
        left = connection.open && urgent(() => accepting.forget(source, forgetBefore));
      }
      return result;
    },

    together(calls) {
      const begun: Promise<unknown>[] = [];
      together = true;
      outOfRoom = false;
      try {
        connection.together(() => {
          for (const call of calls) begun.push(call());
          if (outOfRoom) throw fullDisk(connection.path);
        });
      } catch {
        together = false;
        // What these came to was taken back.
        for (const taken of begun) taken.catch(() => {});
        return calls.map((call) => call());
      }
      together = false;
      settle(0);
      return begun;
    },

    recordRun: async (source, nowMs, error) => urgent(() => accepting.recordRun(source, nowMs, error)),
    registerSources: async (names, nowMs) => urgent(() => registerSources(names, nowMs)),
    registerSinks: async (names, nowMs) => urgent(() => sinks.registerSinks(names, nowMs)),
    acknowledge: async (sink, offset, letters) => urgent(() => sinks.acknowledge(sink, offset, letters)),
    rewind: async (sink, offset) => urgent(() => sinks.rewind(sink, offset)),
    recordDelivery: async (sink, error) => urgent(() => sinks.recordDelivery(sink, error)),
    removeDeadLetters: async (sink, positions) => urgent(() => sinks.removeDeadLetters(sink, positions)),
    recordLateness: async (source, lateness) => urgent(() => notes.recordLateness(source, lateness)),
    recordAudit: async (source, audit) => urgent(() => notes.recordAudit(source, audit)),
    recordGap: async (source, gap, nowMs) => urgent(() => notes.recordGap(source, gap, nowMs)),
    closeGap: async (source, from, to) => urgent(() => notes.closeGap(source, from, to)),
    addJob: async (kind, spec, nowMs, options) => urgent(() => jobs.addJob(kind, spec, nowMs, options)),
    advanceJob: async (id, progress) => urgent(() => jobs.advanceJob(id, progress)),
    endJob: async (id, nowMs, error) => urgent(() => jobs.endJob(id, nowMs, error)),

    async prune(beforeMs, expiredMs = beforeMs) {
      const repeat = async (step: () => number) => {
        let total = 0;
        for (let count = urgent(step); count > 0; count = connection.open ? urgent(step) : 0) {
          total += count;
          await yieldToOthers();
        }
        return total;
      };
      const deleted = await repeat(() => pruning.deletePassed(beforeMs, reserve.spent));
      if (connection.open) await repeat(() => pruning.deleteExpired(expiredMs, reserve.spent));
      if (connection.open) await repeat(() => pruning.vacuum(reserve.spent));
      await yieldToOthers();
      // On a full disk the log keeps its room: others would take it, and acknowledgements need it.
      if (!connection.open) return deleted;
      const shorten = !reserve.spent || reserve.fitsWith(bytesOnDisk(`${connection.path}-wal`));
      tryCheckpoint(shorten ? 'TRUNCATE' : 'RESTART');
      while (connection.open && reserve.restoreSome()) await yieldToOthers();
      return deleted;
    },
  };
}
