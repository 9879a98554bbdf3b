import { createDispatcher } from '../../../src/dispatch/dispatcher.ts';
import type { DispatchObserver } from '../../../src/dispatch/observer.ts';
import { compileRoutes } from '../../../src/dispatch/routes.ts';
import type { Formatter } from '../../../src/formats/format.ts';
import { normalise } from '../../../src/normalise/index.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Sink } from '../../../src/sinks/sink.ts';
import type { Store } from '../../../src/store/store.ts';
import { portsOf, type Stage, type StageInput } from '../stage.ts';
import { acceptAll, freshStore } from './accepting.ts';
import { formatOf, sinkOf, type Way, ways } from './delivering.ts';
import { walkPage } from './reading.ts';

/** The sink's name in the store. */
export const sinkName = 'bench';
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
 * holds normalised, formatted, delivered and acknowledged, until nothing is left.
 */
export const whole: readonly Stage[] = ways.map((way) => ({
  name: `whole-${way.name}`,
  title: `the whole durable way, ${way.title}`,
  delivers: way.counted ? 'counted' : 'taken',
  prepare: async (input) => {
    let store: Store | undefined;
    let run: Run | undefined;
    return {
      async begin() {
        store = await freshStore(input.folder);
        run = await beginRun(way, input, store);
      },
      page: (file) => () => run?.accept(file) ?? 0,
      finish: async () => run?.drained(),
      async end() {
        await run?.close();
        await store?.[Symbol.asyncDispose]();
      },
    };
  },
}));

/** One pass over some pages, with a sink of its own. */
export interface Run {
  /** Reads a page and accepts it; returns how many of its records were new. */
  accept(file: string): Promise<number>;
  /** Resolves once everything is delivered and acknowledged. */
  drained(): Promise<void>;
  /** Closes the sink; the store stays open. */
  close(): Promise<void>;
}

/** Begins to deliver, to a sink that is named `bench`, what a store holds, and what `accept` will bring it. */
export async function beginRun(way: Way, input: StageInput, store: Store): Promise<Run> {
  await store.registerSinks([sinkName], Date.now());
  const sink = await sinkOf(way, portsOf(input));
  const dispatcher = dispatcherOf(await formatOf(way), sink, store);
  const over = new AbortController();
  const running = dispatcher.run(over.signal);
  return {
    accept: (file) => acceptAll(store, walkPage(input.pages.kind, file), () => dispatcher.wake()),
    async drained() {
      over.abort();
      await running;
      await dispatcher.runUntilEmpty(new AbortController().signal);
    },
    close: async () => sink[Symbol.asyncDispose](),
  };
}

function dispatcherOf(format: Formatter, sink: Sink, store: Store) {
  return createDispatcher({
    sinkName,
    sink,
    store,
    normalise: (entry, goesThere) => normalise(entry, {}, goesThere),
    format,
    routes: compileRoutes(undefined),
    batch: { maxEvents: 500, maxBytes: 2 ** 20, lingerMs: 200 },
    retry: { initialMs: 1000, maxMs: 1000 },
    clock: systemClock,
    log: silentLog,
    observer: unheard,
  });
}
