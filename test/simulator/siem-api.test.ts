import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, type Json, type Reply } from './support.ts';

let bench: Bench;
let token: string;

beforeEach(async () => {
  bench = await Bench.start();
  token = String((await bench.siemTokenReply()).json().access_token);
});
afterEach(() => bench[Symbol.asyncDispose]());

function get(query = '', path = '/api/alerts'): Promise<Reply> {
  return bench.call('GET', `${bench.simulator.endpoints.siem}${path}${query}`, {
    authorization: `Bearer ${token}`,
  });
}
const detections = async (query = '') => JSON.parse((await get(query)).text) as Json[];
const fullIds = (records: readonly Json[]) => records.map((record) => String(record.FullId));
const times = (records: readonly Json[]) => records.map((record) => String(record.LastProcessedTimeUtc));
const day = 'ago=P1D';

describe('the window', () => {
  test('is two hours unless said otherwise', async () => {
    const recent = times(await detections());
    expect(recent.length).toBeGreaterThan(0);
    expect(recent.every((time) => time >= '2026-11-02T10:00:00')).toBe(true);
  });

  test('of a day holds every published detection, newest first', async () => {
    const all = await detections(`?${day}`);
    expect(new Set(fullIds(all))).toEqual(
      new Set(bench.simulator.control.published().detection.map(({ id }) => id)),
    );
    const processed = times(all).map((time) => time.slice(0, 23));
    expect(processed).toEqual(processed.toSorted().reverse());
  });

  test.each([
    ['without Z', 'sinceTimeUtc=2026-11-02T09:00:00.000&untilTimeUtc=2026-11-02T10:00:00.000'],
    ['with Z and 7 digits', 'sinceTimeUtc=2026-11-02T09:00:00.0000000Z&untilTimeUtc=2026-11-02T10:00:00Z'],
    ['in any case', 'SINCETIMEUTC=2026-11-02T09:00:00&untiltimeutc=2026-11-02T10:00:00'],
  ])('is taken %s', async (_how, query) => {
    const found = times(await detections(`?${query}`));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((time) => time >= '2026-11-02T09' && time < '2026-11-02T10')).toBe(true);
  });

  test.each(['sinceTimeUtc=yesterday', 'ago=P', 'ago=10m', 'limit=all'])(
    'is refused as malformed: %s',
    async (query) => expect((await get(`?${query}`)).status).toBe(401),
  );
});

test('limit keeps the newest', async () => {
  expect(fullIds(await detections(`?${day}&limit=3`))).toEqual(
    fullIds(await detections(`?${day}`)).slice(0, 3),
  );
});

test('machine groups may be repeated; tags restrict', async () => {
  const groups = (records: readonly Json[]) => new Set(records.map((record) => record.MachineGroup));
  const found = await detections(`?${day}&machinegroups=Servers&MACHINEGROUPS=EMEA%20Finance`);
  expect(groups(found)).toEqual(new Set(['Servers', 'EMEA Finance']));
  const tagged = await detections(`?${day}&DeviceCreatedMachineTags=VIP`);
  expect(tagged.length).toBeGreaterThan(0);
  expect(new Set(tagged.map((record) => record.DeviceCreatedMachineTags))).toEqual(new Set(['VIP']));
});

test('an alert has further parts, each with an identity of its own', async () => {
  const all = await detections(`?${day}`);
  const later = all.filter((record) => Number(record.AlertPart) > 0);
  expect(later.length).toBeGreaterThan(0);
  expect(new Set(fullIds(all)).size).toBe(all.length);
  for (const record of later) {
    expect(record.FullId).toBe(`${String(record.AlertId)}:${String(record.IocUniqueId)}`);
  }
});

test('the path may end in a slash', async () => {
  expect((await get('', '/api/alerts/')).status).toBe(200);
});

test('a token for another audience is refused', async () => {
  token = await bench.graphToken();
  expect((await get()).status).toBe(401);
});

test('a detection may show up minutes after it was processed', async () => {
  await using late = await Bench.start({ ratePerMinute: 60, historyAlerts: 0, visibilityLagMs: 180_000 });
  late.clock.move(600_000);
  const shown = () => late.simulator.control.published().detection;
  const before = new Set(shown().map(({ id }) => id));
  const end = '2026-11-02T12:10:00';
  late.clock.move(180_000);
  const appeared = shown().filter(({ id, version }) => version < end && !before.has(id));
  expect(appeared.length).toBeGreaterThan(0);
});

describe('retired', () => {
  test.each([
    ['gone', 410],
    ['not-found', 404],
  ] as const)('it answers: %s', async (habit, status) => {
    bench.simulator.control.habits.siem = habit;
    expect((await get()).status).toBe(status);
  });

  test('it closes the connection', async () => {
    bench.simulator.control.habits.siem = 'closed';
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
