import { join } from 'node:path';
import { keepHeapSmall } from '../../../src/runtime/heap.ts';
import { openStoreThread } from '../../../src/store/threaded.ts';
import { fillJournal, fillKeys } from '../prefill.ts';
import { runRound } from '../round.ts';
import type { Round, StageInput } from '../stage.ts';
import { ways } from '../stages/delivering.ts';
import { beginRun, type Run, sinkName } from '../stages/whole.ts';

/** What a store holds before anything is measured, and what the work is given. */
export interface Filled {
  readonly input: StageInput;
  /** Records in the journal, all of them delivered. */
  readonly journal: number;
  /** Keys that are known beside those. */
  readonly keys: number;
}

/** Pages that the store has not seen yet. */
export interface FilledQuestion {
  readonly files: readonly string[];
}

// A process of its own that takes the whole way with a store that holds much: `filled-process.ts FILLED`, as JSON. Tells
// when it is ready, and then what each round came to.

const { input, journal, keys } = JSON.parse(process.argv[2] ?? '') as Filled;
process.on('disconnect', () => process.exit(0));
const path = join(input.folder, 'filled.db');
if (keys > 0) await fillKeys(path, 'bench', keys);
keepHeapSmall();
const store = await openStoreThread(path);
await store.registerSinks([sinkName], Date.now());
await fillJournal(store, 'bench', journal);
await store.acknowledge(sinkName, journal, []);
const [way] = ways;
if (way === undefined) throw new Error('there is no way to deliver');
let run: Run | undefined;
const work = {
  async begin() {
    run = await beginRun(way, input, store);
  },
  page: (file: string) => () => run?.accept(file) ?? 0,
  finish: async () => run?.drained(),
  end: async () => run?.close(),
};

process.on('message', async ({ files }: FilledQuestion) => {
  process.send?.((await runRound(work, files)) satisfies Round);
});
process.send?.({ records: 0, wallSeconds: 0, cpuSeconds: 0 } satisfies Round);
