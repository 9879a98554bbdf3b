import { expect, test } from 'vitest';
import { openBlindSpotJournal } from '../../src/app/blind-spot-journal.ts';
import { createConnectorJournal } from '../../src/app/connector-journal.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type RefusingStore, refusingStore } from './connector-store.ts';

const configured = {
  tenants: ['contoso'],
  sources: [{ name: 'alerts', tenant: 'contoso' }],
  sinks: ['siem'],
};

/** The blind spots of a process that has just started on this store. */
function aProcess({ store }: RefusingStore, clock = new FakeClock(), known = configured) {
  const tenantIds = new Map([['contoso', 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c']]);
  const journal = createConnectorJournal({ store, clock, tenantIds, onAccepted: () => {} });
  return openBlindSpotJournal({ journal, store, configured: known, clock, log: silentLog });
}

const summary = async (store: RefusingStore) =>
  (await store.told()).map(({ type, number, state, severity }) => `${type} ${number} ${state} ${severity}`);

test('a blind spot is told when it opens and when it closes, once each, with the same number', async () => {
  const kept = refusingStore();
  const clock = new FakeClock();
  const spots = await aProcess(kept, clock);
  spots.open('gap', { source: 'alerts' }, 'set aside');
  spots.open('gap', { source: 'alerts' }, 'set aside again');
  await spots.flush();
  clock.advance(60_000);
  spots.close('gap', { tenant: 'contoso', source: 'alerts' });
  spots.close('gap', { source: 'alerts' });
  await spots.flush();
  spots.open('gap', { source: 'alerts' }, 'set aside');
  await spots.flush();

  const [opened, closed, again] = await kept.told();
  expect(opened).toEqual({
    schema: 'defender-siem/connector-event/1',
    id: 'gap/contoso/alerts//1',
    type: 'gap',
    number: 1,
    state: 'opened',
    severity: 'high',
    time: '2026-11-03T08:00:00.0000000Z',
    since: '2026-11-03T08:00:00.0000000Z',
    message: 'set aside',
    tenant: 'contoso',
    tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c',
    source: 'alerts',
    host: expect.any(String),
    connectorVersion: expect.any(String),
  });
  expect(closed).toMatchObject({
    id: opened?.id,
    number: 1,
    state: 'closed',
    severity: 'informational',
    time: '2026-11-03T08:01:00.0000000Z',
    since: opened?.since,
  });
  expect(again).toMatchObject({ id: 'gap/contoso/alerts//2', number: 2, state: 'opened' });
  expect(await kept.told()).toHaveLength(3);
});

test('what was never open is not closed, and what opens and closes between two writes is not told', async () => {
  const kept = refusingStore();
  const spots = await aProcess(kept);
  spots.close('stall', { source: 'alerts' });
  await spots.flush();
  kept.refuse = 'before';
  spots.open('stall', { source: 'alerts' }, 'x');
  await spots.flush();
  spots.close('stall', { source: 'alerts' });
  kept.refuse = 'never';
  await spots.flush();
  expect(await kept.told()).toEqual([]);
});

test('each blind spot of each subject has numbers of its own', async () => {
  const kept = refusingStore();
  const spots = await aProcess(kept);
  spots.open('dead-letters', { sink: 'siem' }, 'x');
  spots.open('sink-failing', { sink: 'siem' }, 'x');
  spots.open('permission-lost', { tenant: 'contoso' }, 'x');
  await spots.flush();
  expect(await summary(kept)).toEqual([
    'dead-letters 1 opened high',
    'sink-failing 1 opened medium',
    'permission-lost 1 opened high',
  ]);
});

test('one that gets worse is told once more, and not when it gets better', async () => {
  const kept = refusingStore();
  const spots = await aProcess(kept);
  for (const severity of ['medium', 'high', 'medium', 'high'] as const) {
    spots.open('credential-expiring', { tenant: 'contoso' }, severity, severity);
    await spots.flush();
  }
  spots.close('credential-expiring', { tenant: 'contoso' });
  await spots.flush();
  expect(await summary(kept)).toEqual([
    'credential-expiring 1 opened medium',
    'credential-expiring 1 opened high',
    'credential-expiring 1 closed informational',
  ]);
});

test('one that was open when the process ended is not opened a second time, and is closed when it is over', async () => {
  const kept = refusingStore();
  const before = await aProcess(kept);
  before.open('partial-answer', { source: 'alerts' }, 'x');
  await before.flush();
  const after = await aProcess(kept);
  after.open('partial-answer', { source: 'alerts' }, 'x');
  await after.flush();
  expect(await kept.told()).toHaveLength(1);
  after.close('partial-answer', { source: 'alerts' });
  await after.flush();
  expect(await summary(kept)).toEqual([
    'partial-answer 1 opened medium',
    'partial-answer 1 closed informational',
  ]);
});

test('one of somebody who is no longer configured is closed', async () => {
  const kept = refusingStore();
  const before = await aProcess(kept);
  before.open('sink-failing', { sink: 'siem' }, 'x');
  before.open('gap', { source: 'alerts' }, 'x');
  await before.flush();
  const after = await aProcess(kept, new FakeClock(), { ...configured, sinks: [] });
  await after.flush();
  expect((await summary(kept)).slice(2)).toEqual(['sink-failing 1 closed informational']);
});

test('what the store refuses is kept and written later: the latest state of each', async () => {
  const kept = refusingStore();
  const spots = await aProcess(kept);
  kept.refuse = 'before';
  spots.open('gap', { source: 'alerts' }, 'first');
  await spots.flush();
  spots.open('stall', { source: 'alerts' }, 'x');
  spots.close('gap', { source: 'alerts' });
  spots.open('gap', { source: 'alerts' }, 'second');
  await spots.flush();
  expect(await kept.told()).toEqual([]);
  kept.refuse = 'never';
  await spots.flush();
  expect(await kept.told()).toMatchObject([{ type: 'gap', number: 1, message: 'second' }, { type: 'stall' }]);
});

test('a write that failed and was kept all the same is not told twice', async () => {
  const kept = refusingStore();
  const clock = new FakeClock();
  const spots = await aProcess(kept, clock);
  kept.refuse = 'after';
  spots.open('gap', { source: 'alerts' }, 'x');
  await spots.flush();
  clock.advance(10_000);
  kept.refuse = 'never';
  await spots.flush();
  expect(await summary(kept)).toEqual(['gap 1 opened high']);
});

test('one that comes and goes with every run is told a few times an hour, and its end when it holds', async () => {
  const kept = refusingStore();
  const clock = new FakeClock();
  const spots = await aProcess(kept, clock);
  for (let second = 0; second < 3600; second += 30) {
    if (second % 60 === 0) spots.open('permission-lost', { source: 'alerts' }, 'status 403');
    else spots.close('permission-lost', { source: 'alerts' });
    await spots.flush();
    clock.advance(30_000);
  }
  expect(await kept.told()).toHaveLength(7);
  clock.advance(600_000);
  await spots.flush();
  expect((await kept.told()).map(({ state }) => state)).toEqual(
    Array.from({ length: 4 }, () => ['opened', 'closed']).flat(),
  );
});
