import { expect, test } from 'vitest';
import { createStallWatch } from '../../src/app/stall-watch.ts';
import type { Config } from '../../src/config/schema.ts';
import { instantOf } from '../../src/fields/instant.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { SourceProgress } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const minuteMs = 60_000;

function setUp() {
  const clock = new FakeClock();
  const told: string[] = [];
  const known: { progress: Partial<SourceProgress>[] } = { progress: [] };
  const watch = createStallWatch({
    sources: [
      { name: 'alerts', tenant: 'contoso', schedule: { everyMs: 30_000 } },
    ] as unknown as Config['sources'],
    store: { progress: async () => ({ sources: known.progress as SourceProgress[], sinks: [] }) },
    blindSpots: {
      open: (spot, subject, message) => void told.push(`open ${spot} of ${subject.source}: ${message}`),
      close: (spot, subject) => void told.push(`close ${spot} of ${subject.source}`),
    },
    clock,
    log: silentLog,
  });
  const readUpTo = (ms: number, lastError?: string) => {
    const progress = {
      source: 'alerts',
      watermark: instantOf(ms),
      movedAtMs: ms,
      lastSuccessMs: ms,
      lastError,
    };
    known.progress = [progress];
  };
  return { clock, told, watch, readUpTo };
}

test('a watermark that stands still is told with the reason, and that it moves again', async () => {
  const { clock, told, watch, readUpTo } = setUp();
  readUpTo(clock.now());
  clock.advance(16 * minuteMs);
  await watch.look();
  readUpTo(clock.now() - 16 * minuteMs, '503 Service Unavailable');
  clock.advance(minuteMs);
  await watch.look();
  readUpTo(clock.now());
  await watch.look();
  expect(told).toEqual([
    'close stall of alerts',
    'open stall of alerts: the source stands still: it was read up to 2026-11-03T08:00:00.0000000Z and no further: 503 Service Unavailable',
    'close stall of alerts',
  ]);
});

test('a source that is never read is told after half an hour', async () => {
  const { clock, told, watch } = setUp();
  clock.advance(29 * minuteMs);
  await watch.look();
  expect(told).toEqual([]);
  clock.advance(2 * minuteMs);
  await watch.look();
  expect(told).toEqual([expect.stringMatching(/^open stall of alerts: .*nothing of it was read yet/)]);
});
