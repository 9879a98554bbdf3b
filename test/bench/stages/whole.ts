import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createDispatcher } from '../../../src/dispatch/dispatcher.ts';
import type { DispatchObserver } from '../../../src/dispatch/observer.ts';
import { compileRoutes } from '../../../src/dispatch/routes.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { splitResponse } from '../../../src/normalise/split-response.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Stage } from '../stage.ts';
import { freshStore } from './accepting.ts';
import { formatOf, portsOf, sinkOf, type Way, ways } from './delivering.ts';

const sinkName = 'bench';
const unheard: DispatchObserver = {
  delivered() {},
  replayed() {},
  deadLettered() {},
  retried() {},
  truncated() {},
  passedOver() {},
  state() {},
  stillFailing() {},
  lag() {},
};

/**
 * The whole durable way: each page split, parsed, de-duplicated and accepted with fsync, and beside it what the journal
 * holds read, normalised, formatted, delivered and acknowledged, until the receiver has all of it.
 */
export const whole: readonly Stage[] = ways.map((way) => ({
  name: `whole-${way.name}`,
  title: `the whole durable way over ${way.title}`,
  delivers: true,
  prepare: async (input) => {
    let run = 0;
    return () => wholeWay(way, input.pages, freshStoreOf(input.folder, way, run++), portsOf(input));
  },
}));

function freshStoreOf(folder: string, way: Way, run: number) {
  return () => freshStore(folder, `whole-${way.name}-${run}.db`);
}

async function wholeWay(
  way: Way,
  pages: Parameters<Stage['prepare']>[0]['pages'],
  open: () => ReturnType<typeof freshStore>,
  ports: ReturnType<typeof portsOf>,
): Promise<number> {
  await using store = open();
  await store.registerSinks([sinkName], Date.now());
  await using sink = sinkOf(way, ports);
  const dispatcher = createDispatcher({
    sinkName,
    sink,
    store,
    normalise: (entry, goesThere) => normalise(entry, {}, goesThere),
    format: formatOf(way),
    routes: compileRoutes(undefined),
    batch: { maxEvents: 500, maxBytes: 2 ** 20, lingerMs: 200 },
    retry: { initialMs: 1000, maxMs: 1000 },
    clock: systemClock,
    log: silentLog,
    observer: unheard,
  });
  const over = new AbortController();
  const running = dispatcher.run(over.signal);
  let records = 0;
  for (const file of pages.files) {
    const texts = splitResponse(readFileSync(file, 'utf8')).records;
    const page = texts.map((text) => recordOf(pages.kind, text));
    const { accepted } = await store.accept({
      source: 'bench',
      records: page,
      updates: 'all',
      nowMs: Date.now(),
    });
    records += accepted;
    dispatcher.wake();
  }
  over.abort();
  await running;
  await dispatcher.runUntilEmpty(new AbortController().signal);
  return records;
}

/** The same work without durability: what plain Node does in one loop, parse, format, send. */
export const plain: Stage = {
  name: 'plain',
  title: 'plain Node without durability: parse, format as cef, send over TCP',
  delivers: true,
  prepare: async (input) => {
    const [tcp] = ways;
    if (tcp === undefined) throw new Error('there is no way to deliver');
    const formatter = formatOf(tcp);
    const socket = connect({ host: '127.0.0.1', port: portsOf(input).tcp });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return async () => {
      let records = 0;
      for (const file of input.pages.files) {
        const frames: Buffer[] = [];
        for (const text of splitResponse(readFileSync(file, 'utf8')).records) {
          const record = recordOf(input.pages.kind, text);
          const formatted = formatter(normalise(record, {}), Number.POSITIVE_INFINITY);
          if (formatted.kind !== 'formatted') continue;
          const message = Buffer.from(`<134>1 - bench.example defender-siem - - - ${formatted.text}`);
          frames.push(Buffer.from(`${message.length} `), message);
          records++;
        }
        if (!socket.write(Buffer.concat(frames)))
          await new Promise((resolve) => socket.once('drain', resolve));
      }
      return records;
    };
  },
};
