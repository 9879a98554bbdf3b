#!/usr/bin/env node
import type { Io } from './commands/command.ts';
import { listenForReload, listenForStop } from './signals.ts';

const name = process.argv[2];
// All else takes some tenths of a second to load, in which a signal would end the process by itself: it must not end
// `run` as if it had failed. Other commands are stopped once they can be; until then the signal does it.
const running =
  name === 'run' ? { onReload: listenForReload(), ...listenForStop({ atOnce: true }) } : undefined;

/** What `run` is made of until it has read its configuration: loading is one piece of work, and no signal is heard in it. */
const pieces = [
  () => import('./config/values.ts'),
  () => import('./config/load.ts'),
  () => import('./commands/run.ts'),
];
for (const load of running === undefined ? [] : pieces) {
  await load();
  await new Promise((resolve) => setImmediate(resolve));
}

const { bugReport, main } = await import('./command-line.ts');
const { failures } = await import('./errors.ts');
const { keepHeapSmall } = await import('./runtime/heap.ts');

function processIo(): Io {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    async readInput() {
      const { text } = await import('node:stream/consumers');
      return text(process.stdin);
    },
    inputChunks: () => process.stdin,
    env: process.env,
    terminal: process.stderr.isTTY === true,
    colours: process.stdout.isTTY === true && process.env.TERM !== 'dumb',
    // A SIGHUP ends whatever has no configuration to load anew.
    ...(running ?? { ...listenForStop({ atOnce: false }), onReload: () => {} }),
  };
}

/** These deliver to more than standard output: when its reader goes, only a sink of theirs has failed. */
const outliveTheirReader: readonly (string | undefined)[] = ['run', 'once'];

/** These work for long, or through a backlog; the others are over before a small heap is worth its price. */
const drainBacklogs: readonly (string | undefined)[] = [...outliveTheirReader, 'replay', 'backfill'];

if (drainBacklogs.includes(name)) keepHeapSmall();
// Left alone, Node would print an error with all that hangs on it: a request, say, and with that its credentials.
process.on('uncaughtException', (error) => {
  process.stderr.write(`defender-siem: ${bugReport(error)}\n`);
  process.exit(failures.BUG.exitCode);
});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!outliveTheirReader.includes(name)) process.exit(0);
});
// A log that nobody reads any more is no reason to stop delivering.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2), processIo());
