import { expect, test } from 'vitest';
import { createConnectorJournal } from '../../src/app/connector-journal.ts';
import { createHeartbeat } from '../../src/app/heartbeat.ts';
import { createTrustedTime } from '../../src/app/trusted-time.ts';
import { instantOf } from '../../src/fields/instant.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type RefusingStore, refusingStore } from './connector-store.ts';

function aProcess({ store }: RefusingStore, clock = new FakeClock()) {
  const telemetry = new Telemetry();
  const sources = ['alerts', 'detections'].map((name) => ({
    name,
    tenant: 'contoso',
    totals: telemetry.source(name),
  }));
  const journal = createConnectorJournal({ store, clock, tenantIds: new Map(), onAccepted: () => {} });
  return { telemetry, clock, beat: createHeartbeat({ sources, journal, store, clock }) };
}

const numbersOf = async (kept: RefusingStore, source: string) =>
  (await kept.told()).filter((told) => told.source === source).map(({ number }) => number);

test('says how far the source is, and what it has come to', async () => {
  const kept = refusingStore();
  const { telemetry, clock, beat } = aProcess(kept);
  const watermark = instantOf(clock.now() - 65_000);
  await kept.store.accept({ source: 'alerts', records: [], updates: 'all', watermark, nowMs: clock.now() });
  Object.assign(telemetry.source('alerts'), { accepted: 7, repeated: 2, lastSuccessMs: clock.now() - 5000 });
  await beat();
  const [alerts, detections] = await kept.told();
  expect(alerts).toMatchObject({
    id: 'heartbeat/contoso/alerts/1',
    type: 'heartbeat',
    number: 1,
    severity: 'informational',
    message: 'read up to 2026-11-03T07:58:55.0000000Z, 65s behind; 7 accepted and 2 repeated since the start',
    watermark,
    lagSeconds: 65,
    accepted: 7,
    repeated: 2,
    lastSuccess: '2026-11-03T07:59:55.0000000Z',
  });
  expect(detections).toMatchObject({
    id: 'heartbeat/contoso/detections/1',
    message: 'not read to the end of a window yet; 0 accepted and 0 repeated since the start',
  });
});

test('no number is skipped and none comes twice: over restarts, refusals, and writes of which nobody knows', async () => {
  const kept = refusingStore();
  const refusals = ['never', 'before', 'after', 'never', 'after', 'before', 'never'] as const;
  let { beat, clock } = aProcess(kept);
  for (const [at, refuse] of refusals.entries()) {
    kept.refuse = refuse;
    await beat().catch(() => {});
    clock.advance(300_000);
    if (at % 2 === 1) ({ beat, clock } = aProcess(kept, clock));
  }
  expect(await numbersOf(kept, 'alerts')).toEqual([1, 2, 3, 4, 5]);
  expect(await numbersOf(kept, 'detections')).toEqual([1, 2, 3, 4, 5]);
});

test('a clock that jumps while a heart beats makes no row old', async () => {
  const kept = refusingStore();
  const { clock, beat } = aProcess(kept);
  const watermark = instantOf(clock.now() - 5000);
  const setByHand = {
    now: () => clock.now(),
    elapsed: () => 0,
    random: () => 0,
    sleep: async () => {},
  };
  const trustedTime = createTrustedTime(kept.store, setByHand);
  await kept.store.accept({ source: 'alerts', records: [], updates: 'all', watermark, nowMs: clock.now() });
  const beforeMs = await trustedTime();
  clock.advance(365 * 86_400_000);
  await beat();
  expect(await trustedTime()).toBe(beforeMs);
});
