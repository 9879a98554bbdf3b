import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idleMs, setUp } from '../../dispatch/dispatching.ts';
import { elasticRig } from '../../support/elastic-rig.ts';
import type { Answer } from '../../support/http-receiver.ts';

const never = new AbortController().signal;

/** What may happen to a request: nothing, or one of these. */
const mishaps = fc.constantFrom('none', 'none', 'busy items', 'lost answer', 'unavailable', 'too busy');

const answers: Readonly<Record<string, Answer>> = {
  unavailable: { status: 503, body: '{"error":{"type":"cluster_block_exception","reason":"no master"}}' },
  'too busy': { status: 429, headers: { 'retry-after': '1' } },
};

test('whatever happens on the way: each good event is stored once, each bad one is a dead letter, none is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 20 }),
      fc.array(mishaps, { maxLength: 8 }),
      async (areBad, script) => {
        await using rig = await elasticRig({}, { gzip: false });
        const { dispatcher, journal, clock } = setUp([], {
          sink: rig.sink,
          batch: { maxEvents: 7, maxBytes: 1e6, lingerMs: 0 },
          format: (event) => {
            const time = event.id.startsWith('bad') ? 'yesterday' : '2026-11-03T08:26:10Z';
            const text = JSON.stringify({ '@timestamp': time, event: { id: event.id } });
            return { kind: 'formatted', text, truncated: [] };
          },
        });
        clock.passes = (ms) => ms !== idleMs;
        const names = [...areBad, false].map((bad, index) => `${bad ? 'bad' : 'good'}${index}`);
        for (const name of names) journal.append(name);

        let mishap = 'none';
        let busyItems = 0;
        rig.server.fault = () => {
          mishap = script.shift() ?? 'none';
          busyItems = mishap === 'busy items' ? 2 : 0;
          return answers[mishap];
        };
        rig.server.itemFault = () => (busyItems-- > 0 ? 429 : undefined);
        rig.server.lostAnswer = () => (mishap === 'lost answer' ? 'reset' : undefined);

        expect(await dispatcher.runUntilEmpty(never)).toBe(true);
        const stored = rig.server.stored.map(({ document }) => (document.event as { id: string }).id);
        expect(stored.toSorted()).toEqual(names.filter((name) => name.startsWith('good')).toSorted());
        expect(journal.letters.map(({ entry }) => entry.id)).toEqual(
          names.filter((name) => name.startsWith('bad')),
        );
        for (const { reason } of journal.letters) expect(reason).toContain('document_parsing_exception');
      },
    ),
    { numRuns: 25 },
  );
});
