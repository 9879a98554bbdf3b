import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, instantOf, later } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { page, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

const minutes = (count: number) => startMs + count * 60_000;

/** A state of one of a few records; `minute` undefined for one without a time. */
const state = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  minute: fc.option(fc.nat(5), { nil: undefined }),
});
const request = fc.record({
  records: fc.array(state, { maxLength: 6 }),
  updates: fc.constantFrom('all' as const, 'new' as const),
  nowMinute: fc.nat(8),
  forgetMinute: fc.option(fc.nat(8), { nil: undefined }),
});

function recordOf({ id, minute }: { id: string; minute: number | undefined }): SourceRecord {
  const updated = minute === undefined ? undefined : instantOf(minutes(minute));
  return { kind: 'alert', id, version: updated ?? 'sha256:1', updated, json: '{}' };
}

/** The rules of accepting, told as a map from each key to the time that its forgetting goes by. */
class Rules {
  readonly journal: string[] = [];
  readonly #remembered = new Map<string, Instant>();

  take({ id, version, updated }: SourceRecord, updates: 'all' | 'new', now: Instant): void {
    const key = `${id} ${version}`;
    const known = this.#remembered.get(key);
    if (known === undefined) {
      const idKnown = [...this.#remembered.keys()].some((other) => other.startsWith(`${id} `));
      if (updates === 'all' || !idKnown) this.journal.push(key);
      this.#remembered.set(key, later((updated as Instant | undefined) ?? now, now));
    } else if (updated === undefined) this.#remembered.set(key, later(known, now));
  }

  forget(before: Instant): void {
    for (const [key, since] of this.#remembered) if (since < before) this.#remembered.delete(key);
  }
}

test('accept agrees with its rules, under any order of pages, clocks and forgetting', async () => {
  const promise = fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
    using place = storePlace();
    await using store = openSqliteStore(place.path);
    const rules = new Rules();
    for (const { records: states, updates, nowMinute, forgetMinute } of requests) {
      const nowMs = minutes(nowMinute);
      const records = states.map(recordOf);
      const before = rules.journal.length;
      for (const record of records) rules.take(record, updates, instantOf(nowMs));
      const forgetBefore = forgetMinute === undefined ? undefined : instantOf(minutes(forgetMinute));
      if (forgetBefore !== undefined) rules.forget(forgetBefore);
      const forgetting = forgetBefore === undefined ? {} : { watermark: forgetBefore, forgetBefore };
      const accepted = rules.journal.length - before;
      expect(await store.accept(page(records, { updates, nowMs, ...forgetting }))).toEqual({
        accepted,
        repeated: records.length - accepted,
      });
    }
    const entries = await store.readJournal(0, 1000, 1e6);
    expect(entries.map(({ id, version }) => `${id} ${version}`)).toEqual(rules.journal);
  });
  await fc.assert(promise, { numRuns: 40 });
});
