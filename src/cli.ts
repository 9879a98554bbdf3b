#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { main } from './command-line.ts';
import type { Io } from './commands/command.ts';
import { keepHeapSmall } from './runtime/heap.ts';

function processIo(): Io {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    readInput: () => text(process.stdin),
    env: process.env,
    terminal: process.stderr.isTTY === true,
    stop: stop.signal,
    onReload: (callback) => void process.on('SIGHUP', callback),
  };
}

/** These deliver to more than standard output: when its reader goes, only a sink of theirs has failed. */
const outliveTheirReader: readonly (string | undefined)[] = ['run', 'once'];

keepHeapSmall();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!outliveTheirReader.includes(process.argv[2])) process.exit(0);
});
// A log that nobody reads any more is no reason to stop delivering.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2), processIo());
