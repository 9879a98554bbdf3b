#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { bugReport, main } from './command-line.ts';
import type { Io } from './commands/command.ts';
import { failures } from './errors.ts';
import { keepHeapSmall } from './runtime/heap.ts';

/** A launcher often passes on a signal that the terminal sent to both: that is one request, not two, ms. */
const sameRequestMs = 1000;

/** The first SIGTERM or SIGINT stops, a second one hurries, and at a third the system ends the process. */
function stopSignals(): { readonly stop: AbortSignal; readonly hurry: AbortSignal } {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstMs = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstMs = performance.now();
      stop.abort();
    } else if (performance.now() - firstMs > sameRequestMs) {
      hurry.abort();
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    }
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return { stop: stop.signal, hurry: hurry.signal };
}

/** A SIGHUP ends whatever has no configuration to load anew, and must not end `run` while it is still starting. */
function reloadSignals(): Io['onReload'] {
  const callbacks: (() => void)[] = [];
  let early = false;
  if (process.argv[2] === 'run') {
    process.on('SIGHUP', () => {
      early ||= callbacks.length === 0;
      for (const callback of callbacks) callback();
    });
  }
  return (callback) => {
    callbacks.push(callback);
    if (early) callback();
    early = false;
  };
}

function processIo(): Io {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    readInput: () => text(process.stdin),
    env: process.env,
    terminal: process.stderr.isTTY === true,
    ...stopSignals(),
    onReload: reloadSignals(),
  };
}

/** These deliver to more than standard output: when its reader goes, only a sink of theirs has failed. */
const outliveTheirReader: readonly (string | undefined)[] = ['run', 'once'];

keepHeapSmall();
// Left alone, Node would print an error with all that hangs on it: a request, say, and with that its credentials.
process.on('uncaughtException', (error) => {
  process.stderr.write(`defender-siem: ${bugReport(error)}\n`);
  process.exit(failures.BUG.exitCode);
});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!outliveTheirReader.includes(process.argv[2])) process.exit(0);
});
// A log that nobody reads any more is no reason to stop delivering.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2), processIo());
