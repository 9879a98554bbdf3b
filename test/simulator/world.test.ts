import { describe, expect, test } from 'vitest';
import { isEndpointAlert, statesSeen } from '../../src/simulator/alert.ts';
import { graphAlert } from '../../src/simulator/graph-alert.ts';
import { hostileJson, hostileTexts } from '../../src/simulator/hostile.ts';
import { InjectedRecords } from '../../src/simulator/injected.ts';
import { usualHabits, viewOf } from '../../src/simulator/tenant.ts';
import { World, type WorldOptions } from '../../src/simulator/world.ts';

const startMs = Date.parse('2026-11-02T12:00:00Z');
const hour = 3_600_000;

function worldOf(options: Partial<WorldOptions> = {}): World {
  return new World({
    seed: 3,
    startMs,
    ratePerMinute: 20,
    historyAlerts: 100,
    historySpanMs: 24 * hour,
    visibilityLagMs: 60_000,
    stragglers: { share: 0, lagMs: 0 },
    hostileShare: 0,
    ...options,
  });
}

/** Everything that an API would show, in one text. */
function told(world: World, now: number): string {
  const tenant = { tenantId: 't', world, injected: new InjectedRecords(), habits: usualHabits() };
  return JSON.stringify(world.visible(now).map((visible) => graphAlert(viewOf(tenant, visible), true)));
}

describe('the same seed', () => {
  test('tells the same world, however often it is looked at', () => {
    const often = worldOf();
    for (let now = startMs; now < startMs + hour; now += 7_001) often.visible(now);
    expect(told(often, startMs + hour)).toBe(told(worldOf(), startMs + hour));
  });

  test('of another number tells another', () => {
    expect(told(worldOf({ seed: 4 }), startMs)).not.toBe(told(worldOf(), startMs));
  });
});

describe('the world', () => {
  const world = worldOf();
  const end = startMs + 12 * hour;
  world.advanceTo(end);

  test('has exactly its history at the start, all of it before', () => {
    const fresh = worldOf();
    fresh.advanceTo(startMs);
    const alerts = fresh.alerts.filter((alert) => alert.telling < '3/999' && alert.created < '2026-11-02T12');
    expect(alerts.length).toBeGreaterThanOrEqual(100);
    expect(alerts.length).toBeLessThan(102);
    expect(alerts.every((alert) => alert.created >= '2026-11-01T12')).toBe(true);
  });

  test('shows a share of its updates far later, when it is told to', () => {
    const late = worldOf({ stragglers: { share: 0.1, lagMs: 6 * hour } });
    late.advanceTo(end);
    const lags = late.alerts.flatMap(({ states }) =>
      states.map(({ updated, visibleAt }) => visibleAt - Date.parse(updated)),
    );
    const share = lags.filter((lag) => lag > hour).length / lags.length;
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.11);
    expect(Math.max(...lags)).toBeLessThan(6 * hour + 1000);
  });

  test('grows by its rate', () => {
    const added = world.alerts.length - 100;
    expect(added).toBeGreaterThan(12 * 60 * 20 * 0.95);
    expect(added).toBeLessThan(12 * 60 * 20 * 1.05);
  });

  test('has unique ids', () => {
    expect(new Set(world.alerts.map((alert) => alert.id)).size).toBe(world.alerts.length);
  });

  test('has ties of update times', () => {
    const times = world.alerts.flatMap((alert) => alert.states.slice(-1).map((state) => state.updated));
    expect(new Set(times).size).toBeLessThan(times.length);
  });

  test('gives each state of an alert its own, later update time', () => {
    for (const alert of world.alerts) {
      const times = alert.states.map((state) => state.updated);
      expect(times).toEqual([...new Set(times)].toSorted());
    }
  });

  test('changes status, owner, severity, incident, comments and evidence', () => {
    const changed = (
      name: 'status' | 'assignedTo' | 'severity' | 'incidentId' | 'comments' | 'evidenceHidden',
    ) => world.alerts.some(({ states }) => states.some((state) => state[name] !== states[0][name]));
    for (const name of [
      'status',
      'assignedTo',
      'severity',
      'incidentId',
      'comments',
      'evidenceHidden',
    ] as const) {
      expect([name, changed(name)]).toEqual([name, true]);
    }
  });

  test('shows states late, and never shows one that a later state overtook', () => {
    const lags = world.alerts.flatMap((alert) =>
      alert.states.map((state) => state.visibleAt - Date.parse(`${state.updated.slice(0, 23)}Z`)),
    );
    expect(Math.max(...lags)).toBeGreaterThan(30_000);
    expect(Math.max(...lags)).toBeLessThanOrEqual(60_004);
    const overtaken = world.alerts.filter((alert) => statesSeen(alert, end).length < alert.states.length);
    expect(overtaken.length).toBeGreaterThan(0);
  });

  test('tells of events that are days old, and of some that are yet to come', () => {
    const late = world.alerts.map((alert) => Date.parse(alert.created) - Date.parse(alert.firstActivity));
    expect(Math.max(...late)).toBeGreaterThan(24 * hour);
    expect(Math.min(...late)).toBeLessThan(0);
  });

  test('has detections of endpoint alerts alone, in the order of processing', () => {
    expect(world.detections.every(({ alert }) => isEndpointAlert(alert))).toBe(true);
    expect(new Set(world.detections.map(({ part }) => part)).size).toBeGreaterThan(1);
  });
});

describe('hostile content', () => {
  const record = {
    title: 'title',
    severity: 'high',
    evidence: [{ processCommandLine: 'cmd.exe', processId: 4 }],
  };

  test('variant 0 is none', () => expect(hostileJson(record, 0, 'graph')).toBe(JSON.stringify(record)));

  test('is valid JSON that changes only what an attacker chooses', () => {
    for (let variant = 1; variant <= 60; variant += 1) {
      const text = hostileJson(record, variant, 'graph');
      const { title, severity } = JSON.parse(text) as { title: string; severity: string };
      expect(severity).toBe('high');
      expect(hostileTexts.some((hostile) => title === `title ${hostile}`)).toBe(true);
    }
  });

  test('now and then has a number beyond 2^53, a long command line, a thousand pieces of evidence', () => {
    expect(hostileJson(record, 5, 'graph')).toContain(':{"nested":[9007199254740993]}');
    expect(hostileJson(record, 51, 'graph').length).toBeGreaterThan(2 ** 20);
    expect(JSON.parse(hostileJson(record, 52, 'graph'))).toHaveProperty('evidence.length', 1000);
  });
});

test('20,000 alerts of history are told at once', () => {
  const world = worldOf({ historyAlerts: 20_000, ratePerMinute: 0 });
  world.advanceTo(startMs);
  expect(world.alerts).toHaveLength(20_000);
});
