import { expect, test } from 'vitest';
import { prepare } from '../../src/dispatch/batch.ts';
import { compileRoutes, type RouteConfig } from '../../src/dispatch/routes.ts';
import { changesText } from '../../src/formats/changes-text.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import type { JournalEntry } from '../../src/store/store.ts';

/** The journal's row of the last of these severities of one alert. */
function entryOf(severities: readonly string[]): JournalEntry {
  const records = severities.map((severity, at) =>
    recordOf(
      'graph-alert',
      JSON.stringify({ id: 'a', title: 'x', severity, lastUpdateDateTime: `2026-11-03T08:00:0${at}Z` }),
    ),
  );
  const last = records.at(-1);
  if (last === undefined) throw new Error('no state');
  const earlier = records.slice(0, -1).flatMap(({ tracked }) => tracked ?? []);
  return { ...last, position: 1, source: 'alerts', acceptedAtMs: 0, earlier };
}

/** What this sink is told of the last state: `passed` when nothing, `first` of a state without changes. */
function told(severities: readonly string[], routes: readonly RouteConfig[]): string {
  const prepared = prepare(entryOf(severities), {
    sinkName: 'siem',
    sink: { payloadBytes: () => Number.POSITIVE_INFINITY },
    routes: compileRoutes(routes),
    normalise: (entry, goesThere) => normalise(entry, {}, goesThere),
    format: (event) => ({ kind: 'formatted', text: changesText(event) ?? 'first', truncated: [] }),
  });
  return prepared.kind === 'delivery' ? prepared.delivery.payload.text : prepared.kind;
}

const toHigh: readonly RouteConfig[] = [
  { from: ['alerts'], to: ['siem'], where: { severity: ['high', 'critical'] } },
  { to: ['archive'] },
];

test.each([
  ['a first state', ['low'], [], 'first'],
  ['a raise', ['low', 'high'], [], 'severity: low -> high'],
  ['no change of what is followed', ['low', 'low'], [], 'none'],
  ['a low alert', ['low'], toHigh, 'passed'],
  ['one that is raised', ['low', 'high'], toHigh, 'severity: low -> high'],
  ['one that is raised step by step', ['low', 'medium', 'high'], toHigh, 'severity: medium -> high'],
  ['one that falls', ['high', 'low'], toHigh, 'passed'],
  ['one that was high before: the state in between went elsewhere', ['high', 'low', 'high'], toHigh, 'none'],
] as const)('what a sink is told of %s', (_name, severities, routes, expected) => {
  expect(told(severities, routes)).toBe(expected);
});
