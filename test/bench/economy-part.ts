import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Counted, Day } from './economy/day.ts';
import type { Part, Place } from './part.ts';
import { tableOf } from './table.ts';

/** A case, and how much of a day it lives through. */
interface Case extends Omit<Day, 'folder'> {
  readonly title: string;
}

const idle = { ratePerMinute: 0, historyAlerts: 0 } as const;
const busy = { ratePerMinute: 2, historyAlerts: 0 } as const;

/** Faster than so, a read would take longer than its own pace leaves. */
const cases: readonly Case[] = [
  { title: 'idle, `every: 2s`', ...idle, every: '2s', hours: 1, speed: 150 },
  { title: 'idle, `every: 30s`', ...idle, every: '30s', hours: 12, speed: 1500 },
  { title: 'idle, `every: 5m`', ...idle, every: '5m', hours: 24, speed: 3600 },
  { title: '2 alerts a minute, `every: 30s`', ...busy, every: '30s', hours: 12, speed: 1500 },
  { title: '2 alerts a minute, `every: 5m`', ...busy, every: '5m', hours: 24, speed: 3600 },
  {
    title: 'first read of 20,000 alerts of a week',
    ratePerMinute: 0,
    historyAlerts: 20_000,
    every: '5m',
    hours: 1,
    speed: 150,
  },
];

/** How many calls of the API it takes. */
export const economyPart: Part = {
  name: 'economy',
  title: 'Economy of calls',
  about:
    'Calls that the simulated API counted, of one tenant with one source of alerts, with every audit that falls due; time ' +
    'runs many times as fast as on a clock. What was counted in less than a day stands for a whole one. Tokens are ' +
    "calls of the authority, which has no quota of the API's.",
  async run(place) {
    const rows = await Promise.all(cases.map((each, number) => measure(each, number, place)));
    const columns = [
      { head: 'Case' },
      ...['Calls a day', 'Tokens a day', 'Alert states', 'Calls per 1,000 of them'].map((head) => ({
        head,
        figures: true as const,
      })),
    ];
    return { text: tableOf(columns, rows), targets: [] };
  },
};

async function measure(each: Case, number: number, place: Place): Promise<readonly string[]> {
  const folder = join(place.folder, `economy-${number}`);
  const day: Day = { ...each, folder };
  const { stdout } = await promisify(execFile)(process.execPath, [
    place.own('economy/day'),
    JSON.stringify(day),
  ]);
  const { calls, accepted } = JSON.parse(stdout) as Counted;
  place.say(`${each.title}: ${JSON.stringify(calls)}`);
  const alerts = calls['graph-alerts'] ?? 0;
  const aDay = (count: number) => Math.round((count / each.hours) * 24).toLocaleString('en');
  return [
    each.title,
    each.historyAlerts > 0 ? '' : aDay(alerts),
    each.historyAlerts > 0 ? '' : aDay(calls.token ?? 0),
    accepted.toLocaleString('en'),
    accepted === 0 ? '' : ((alerts / accepted) * 1000).toFixed(1),
  ];
}
