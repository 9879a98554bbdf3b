import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Helper } from './child.ts';
import { atLeast, type Part, type Place, type Target } from './part.ts';
import { events, type Pages, writePages } from './records.ts';
import { medianOf } from './round.ts';
import type { Filled, FilledQuestion } from './scale/filled-process.ts';
import type { Round } from './stage.ts';
import { tableOf } from './table.ts';

/** A store that much is in before the work begins. */
interface Case {
  readonly title: string;
  readonly journal: number;
  readonly keys: number;
}

const small = 1000;

/** Whether it stays fast when much is there already. */
export const scalePart: Part = {
  name: 'scale',
  title: 'With a full store',
  about:
    'The whole durable way of stream events, CEF over TCP, into stores that hold much already: records in the journal, ' +
    'which were accepted and delivered before, and keys of records that were seen, which are put straight into the ' +
    'table. The rounds of the stores take turns; medians.',
  async run(place) {
    const { backlog, keys } = place.options;
    const cases: readonly Case[] = [
      { title: `${small.toLocaleString('en')} records in the journal`, journal: small, keys: 0 },
      { title: `${backlog.toLocaleString('en')} records in the journal`, journal: backlog, keys: 0 },
      { title: `${keys.toLocaleString('en')} keys seen`, journal: small, keys },
    ];
    const speeds = await measure(cases, place);
    const [first = 1] = speeds;
    const columns = [
      { head: 'Store' },
      ...['Records/s', 'To the nearly empty one'].map((head) => ({ head, figures: true as const })),
    ];
    const rows = cases.map(({ title }, at) => {
      const speed = speeds[at] ?? Number.NaN;
      return [title, Math.round(speed).toLocaleString('en'), (speed / first).toFixed(2)];
    });
    const targets: readonly Target[] = cases
      .slice(1)
      .map(({ title }, at) => atLeast(`speed with ${title}`, 0.85, (speeds[at + 1] ?? Number.NaN) / first));
    return { text: tableOf(columns, rows), targets };
  },
};

/** Resolves with the median of each case, records/s. */
async function measure(cases: readonly Case[], place: Place): Promise<readonly number[]> {
  const { records, rounds } = place.options;
  const pages = writePages(events, records * (rounds + 1), join(place.folder, 'scale-pages'));
  await using stack = new AsyncDisposableStack();
  const stores: Helper<FilledQuestion, Round>[] = [];
  for (const [at, each] of cases.entries()) {
    const store = stack.use(openFilled(each, join(place.folder, `scale-${at}`), pages, place));
    await store.next();
    place.say(`filled: ${each.title}`);
    stores.push(store);
  }
  const speeds = cases.map((): number[] => []);
  const perRound = pages.files.length / (rounds + 1);
  for (let round = 0; round <= rounds; round++) {
    const files = pages.files.slice(round * perRound, (round + 1) * perRound);
    for (const [at, store] of stores.entries()) {
      const { records, wallSeconds } = await store.ask({ files });
      place.say(`scale, ${cases[at]?.title}: ${Math.round(records / wallSeconds)}/s`);
      // The first round warms up.
      if (round > 0) speeds[at]?.push(records / wallSeconds);
    }
  }
  rmSync(join(place.folder, 'scale-pages'), { recursive: true });
  return speeds.map(medianOf);
}

function openFilled(
  { journal, keys }: Case,
  folder: string,
  pages: Pages,
  place: Place,
): Helper<FilledQuestion, Round> {
  mkdirSync(folder);
  const filled: Filled = { input: { pages, folder, receiver: place.ports }, journal, keys };
  return new Helper(place.own('scale/filled-process'), [JSON.stringify(filled)]);
}
