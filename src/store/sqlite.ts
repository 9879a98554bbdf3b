import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { prepareAccept } from './accept.ts';
import { type Connection, openForReading, openForWriting } from './connection.ts';
import { prepareCounters } from './counters.ts';
import { prepareJobs } from './jobs.ts';
import { preparePositionAt, preparePrune, prepareRead } from './journal.ts';
import { bytesOnDisk, prepareProgress } from './progress.ts';
import { prepareSinks } from './sinks.ts';
import { prepareSourceNotes } from './source-notes.ts';
import type { Store, StoreReader } from './store.ts';

/**
 * Opens the store in a SQLite file, creating it when there is none. The write-ahead log is synced at each commit, so
 * that what was answered survives a loss of power. One process at a time: a second is refused, whatever became of the
 * first is cleared by its end. Throws STORE_UNUSABLE or STORE_NEWER.
 */
export function openSqliteStore(path: string): Store {
  const connection = openForWriting(path);
  try {
    return createStore(connection);
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

/** Opens the store in a SQLite file for reading, beside the process that uses it. Throws as `openSqliteStore` does. */
export function openSqliteReader(path: string): StoreReader {
  const connection = openForReading(path);
  try {
    return createReader(connection);
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

function createReader(connection: Connection): StoreReader {
  const { watermark, known } = prepareAccept(connection);
  const { offset, deadLetters } = prepareSinks(connection);
  const { counter, counters } = prepareCounters(connection);
  const { gaps, audits } = prepareSourceNotes(connection);
  const { jobs } = prepareJobs(connection);
  const readJournal = prepareRead(connection);
  const positionAt = preparePositionAt(connection);
  const progress = prepareProgress(connection);
  return {
    watermark: async (source) => watermark(source),
    offset: async (sink) => offset(sink),
    readJournal: async (position, maxRows, maxBytes) => readJournal(position, maxRows, maxBytes),
    deadLetters: async (sink, after = 0, maxRows = 1000) => deadLetters(sink, after, maxRows),
    positionAt: async (sinceMs) => positionAt(sinceMs),
    known: async (source, keys) => known(source, keys),
    counter: async (name) => counter(name),
    counters: async (prefix) => counters(prefix),
    gaps: async (source) => gaps(source),
    audits: async (source, maxRows) => audits(source, maxRows),
    jobs: async () => jobs(),
    bytes: async () => bytesOnDisk(connection.path),
    progress: async () => progress(),
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}

function createStore(connection: Connection): Store {
  const accepting = prepareAccept(connection);
  const sinks = prepareSinks(connection);
  const notes = prepareSourceNotes(connection);
  const jobs = prepareJobs(connection);
  const pruning = preparePrune(connection);
  return {
    ...createReader(connection),

    async accept(request) {
      const { result, more } = accepting.accept(request);
      const { source, forgetBefore } = request;
      for (let left = more; left && forgetBefore !== undefined && connection.open; ) {
        await yieldToOthers();
        left = connection.open && accepting.forget(source, forgetBefore);
      }
      return result;
    },

    recordRun: async (source, nowMs, error) => accepting.recordRun(source, nowMs, error),
    registerSinks: async (names, nowMs) => sinks.registerSinks(names, nowMs),
    acknowledge: async (sink, offset, letters) => sinks.acknowledge(sink, offset, letters),
    rewind: async (sink, offset) => sinks.rewind(sink, offset),
    recordDelivery: async (sink, error) => sinks.recordDelivery(sink, error),
    removeDeadLetters: async (sink, positions) => sinks.removeDeadLetters(sink, positions),
    recordLateness: async (source, lateness) => notes.recordLateness(source, lateness),
    recordAudit: async (source, audit) => notes.recordAudit(source, audit),
    recordGap: async (source, gap, nowMs) => notes.recordGap(source, gap, nowMs),
    closeGap: async (source, from, to) => notes.closeGap(source, from, to),
    addJob: async (kind, spec, nowMs, options) => jobs.addJob(kind, spec, nowMs, options),
    advanceJob: async (id, progress) => jobs.advanceJob(id, progress),
    endJob: async (id, nowMs, error) => jobs.endJob(id, nowMs, error),

    async prune(beforeMs, expiredMs = beforeMs) {
      const repeat = async (step: () => number) => {
        let total = 0;
        for (let count = step(); count > 0; count = connection.open ? step() : 0) {
          total += count;
          await yieldToOthers();
        }
        return total;
      };
      const deleted = await repeat(() => pruning.deletePassed(beforeMs));
      if (connection.open) await repeat(() => pruning.deleteExpired(expiredMs));
      if (connection.open) await repeat(pruning.vacuum);
      if (connection.open) pruning.checkpoint();
      return deleted;
    },
  };
}
