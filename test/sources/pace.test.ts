import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPace } from '../../src/sources/pace.ts';

const everyMs = 30_000;
const come = { brought: true, calls: 1 };
const nothing = { brought: false, calls: 1 };

function setUp(busyMs = 0, usualMs = 0) {
  return createPace({
    everyMs,
    quota: (calls) => ({ busyMs: calls * busyMs, usualMs: calls * usualMs }),
  });
}

test('keeps to `every` while nothing comes', () => {
  const pace = setUp();
  for (let run = 0; run < 5; run++) pace.ran(nothing);
  expect(pace.waitMs()).toBe(everyMs);
});

test('halves the wait while something comes, down to a tenth, and doubles it again after', () => {
  const pace = setUp();
  const waits: number[] = [];
  for (const run of [come, come, come, come, come, nothing, nothing, nothing, nothing, nothing]) {
    pace.ran(run);
    waits.push(pace.waitMs());
  }
  expect(waits).toEqual([15_000, 7500, 3750, 3000, 3000, 6000, 12_000, 24_000, 30_000, 30_000]);
});

test('never waits less than the quota bears, by the calls that a run makes', () => {
  const pace = setUp(5333);
  for (let run = 0; run < 10; run++) pace.ran(come);
  expect(pace.waitMs()).toBe(5333);
  for (let run = 0; run < 30; run++) pace.ran({ brought: true, calls: 3 });
  expect(pace.waitMs()).toBeGreaterThan(15_900);
  expect(pace.waitMs()).toBeLessThan(16_000);
});

test('waits longer than `every` only where the quota would not last', () => {
  expect(setUp(0, 45_000).waitMs()).toBe(45_000);
});

test('property: lies between a second, or a tenth of `every`, and `every`', () => {
  const runs = fc.array(fc.record({ brought: fc.boolean(), calls: fc.nat({ max: 50 }) }), { maxLength: 40 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 600_000 }),
      fc.nat({ max: 10_000 }),
      runs,
      (every, busyMs, all) => {
        const pace = createPace({ everyMs: every, quota: () => ({ busyMs, usualMs: 0 }) });
        for (const run of all) {
          pace.ran(run);
          expect(pace.waitMs()).toBeLessThanOrEqual(every);
          expect(pace.waitMs()).toBeGreaterThanOrEqual(Math.min(every, Math.max(1000, every / 10, busyMs)));
        }
      },
    ),
    { numRuns: 50 },
  );
});
