import { existsSync, readFileSync } from 'node:fs';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { keepHeapSmall } from '../../src/runtime/heap.ts';
import type { Log } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';

/** What a connector of many tenants came to; printed as one line of JSON when it ends. */
export interface ManyTenantsReport {
  /** The most memory that the process ever held, bytes. */
  readonly peakBytes: number;
  /** What lives in the heap after a collection, bytes; undefined without `--expose-gc`. */
  readonly heapBytes: number | undefined;
  readonly cpuMs: number;
  /** Lines of the log from `warn` up. */
  readonly logLines: number;
}

/**
 * A connector in a process of its own, so that its memory can be measured: `<configuration> <speed> <longest answer, ms>`.
 * Its waits take so many times less; it ends when its standard input does.
 */
const [path = '', speed = '1', answerTimeoutMs = '1000'] = process.argv.slice(2);
keepHeapSmall();

const startMs = Date.now();
const began = performance.now();
const clock: Required<Clock> = {
  now: () => startMs + Math.floor(performance.now() - began),
  elapsed: () => (performance.now() - began) * Number(speed),
  random: () => Math.random(),
  sleep: (ms, signal) => systemClock.sleep(ms / Number(speed), signal),
};
let logLines = 0;
const count = () => {
  logLines++;
};
const log: Log = { debug() {}, info() {}, warn: count, error: count };

/** Not `resourceUsage` where it can be helped: on Linux that still counts the process that started this one. */
function peakKb(): number {
  const own = '/proc/self/status';
  if (!existsSync(own)) return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(own, 'utf8'))?.[1]);
}

const config = loadConfig(path, parts, process.env);
const stop = new AbortController();
process.stdin.on('end', () => stop.abort()).resume();
{
  await using store = openSqliteStore(config.store.path);
  const options = { store, telemetry: new Telemetry(), clock, log, answerTimeoutMs: Number(answerTimeoutMs) };
  await using app = await createApp(config, options);
  await app.run(stop.signal, stop.signal);
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const report: ManyTenantsReport = {
    peakBytes: peakKb() * 1024,
    heapBytes: globalThis.gc === undefined ? undefined : process.memoryUsage().heapUsed,
    cpuMs: Math.round((user + system) / 1000),
    logLines,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
process.exit();
