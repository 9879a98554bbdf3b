import { describe, expect, test } from 'vitest';
import { broken, problemsOf } from './good-config.ts';

describe('what is wrong with a source or a route', () => {
  test.each([
    [
      'an unknown key, the nearest suggested',
      '    overlap: 15m',
      '    overlpa: 15m',
      'sources[0].overlpa: unknown key: did you mean `overlap`? (line 18)',
    ],
    [
      'a first read that reaches further back than Microsoft keeps alerts',
      '    overlap: 15m',
      '    since: 181d',
      'sources[0].since: must be at most 180d: Microsoft keeps alerts no longer (line 18)',
    ],
    [
      'text where a list belongs',
      'to: [near, far]',
      'to: near',
      'routes[0].to: must be a list, not text (line 31)',
    ],
    [
      'an unknown type of source',
      'type: graph-alerts',
      'type: graph-incidents',
      'sources[0].type: must be one of graph-alerts, detections (line 15)',
    ],
    [
      'a route to an unknown sink',
      'to: [near, far]',
      'to:\n      - near\n      - fra',
      'routes[0].to[1]: names no sink of this file: did you mean `far`? (line 33)',
    ],
    [
      'a route from an unknown source',
      'from: [alerts]',
      'from: [incidents]',
      'routes[0].from[0]: names no source of this file: there is alerts, connector (line 30)',
    ],
    [
      'a source with the name of the connector itself',
      'name: alerts',
      'name: connector',
      "sources[0].name: is the name of the connector's own events, which `routes.from` can name: choose another (line 14)",
    ],
    [
      'a route without a condition of its own kind',
      'to: [near, far]',
      'to: [near, far]\n    where: { severity: medum+ }',
      'routes[0].where.severity: must be one of unknown, informational, low, medium, high, critical, unknown+, informational+, low+, medium+, high+, critical+, or a list: did you mean `medium+`? (line 32)',
    ],
    [
      'an unknown severity in a list',
      'to: [near, far]',
      'to: [near, far]\n    where:\n      severity:\n        - high\n        - hgih',
      'routes[0].where.severity[1]: must be one of unknown, informational, low, medium, high, critical: did you mean `high`? (line 35)',
    ],
    [
      'a source of an unknown tenant',
      'tenant: contoso',
      'tenant: contosso',
      'sources[0].tenant: names no tenant of this file: did you mean `contoso`? (line 16)',
    ],
    [
      'a bad cron expression',
      'every: 30s',
      'cron: "61 * * * *"',
      expect.stringMatching(
        /^sources\[0\]\.cron: is not a schedule .*such as \*\/30 \* \* \* \* \* \(line 17\)$/,
      ),
    ],
    [
      'a schedule beside a pace',
      'every: 30s',
      'every: 30s\n    cron: "*/5 * * * *"',
      'sources[0].cron: stands beside `every`: keep one of them (line 18)',
    ],
    [
      'a pace that would spend every quota',
      'every: 30s',
      'every: 100ms',
      'sources[0].every: must be at least 1s (line 17)',
    ],
    [
      'a bad duration',
      'every: 30s',
      'every: 30 seconds',
      "sources[0].every: '30 seconds' is not a duration: write a number and ms, s, m, h or d, such as 30s (line 17)",
    ],
    [
      'a duration without a unit',
      'every: 30s',
      'every: 30',
      'sources[0].every: must be text such as 30s, not a number (line 17)',
    ],
    [
      'a settle time as long as the overlap',
      'settle: 5s',
      'settle: 15m',
      'sources[0].settle: must be shorter than `overlap`, or every read would be empty (line 19)',
    ],
    [
      'an overlap whose bounds are the wrong way round',
      'overlap: 15m',
      'overlap: { min: 1h, max: 30m }',
      'sources[0].overlap.max: must not be shorter than `min` (line 18)',
    ],
    [
      'an overlap with a bound that there is not',
      'overlap: 15m',
      'overlap: { mim: 1h }',
      'sources[0].overlap.mim: unknown key: did you mean `min`? (line 18)',
    ],
    [
      'an overlap without a unit',
      'overlap: 15m',
      'overlap: 15',
      'sources[0].overlap: must be text or a group of keys, not a number (line 18)',
    ],
    [
      'an overlap in words',
      'overlap: 15m',
      'overlap: quarter of an hour',
      "sources[0].overlap: 'quarter of an hour' is not a duration: write a number and ms, s, m, h or d, such as 30s (line 18)",
    ],
    [
      'a page larger than the type takes',
      'every: 30s',
      'pageSize: 5000',
      'sources[0].pageSize: must be at most 1000 (line 17)',
    ],
  ])('%s', (_name, from, to, problem) => {
    expect(problemsOf(broken(from, to))[0]).toEqual(problem);
  });
});
