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

/** So many at a time: each leaves much of a processor free. */
const together = 2;
/** Longer lives no case, ms of the host's time. */
const longestMs = 120_000;

/** Faster than so, a read would take longer than its own pace leaves. */
const cases: readonly Case[] = [
  { title: 'idle, `every: 2s`', ...idle, everySeconds: 2, hours: 0.05, speed: 10 },
  { title: 'idle, `every: 30s`', ...idle, everySeconds: 30, hours: 0.5, speed: 100 },
  { title: 'idle, `every: 5m`', ...idle, everySeconds: 300, hours: 2, speed: 400 },
  { title: '2 alerts a minute, `every: 30s`', ...busy, everySeconds: 30, hours: 0.5, speed: 100 },
  { title: '2 alerts a minute, `every: 5m`', ...busy, everySeconds: 300, hours: 2, speed: 400 },
  {
    title: 'first read of 20,000 alerts of a week',
    ratePerMinute: 0,
    historyAlerts: 20_000,
    everySeconds: 300,
    hours: 0.5,
    speed: 100,
  },
];

/** How many calls of the API it takes. */
export const economyPart: Part = {
  name: 'economy',
  title: 'Economy of calls',
  about:
    'Calls that the simulated API counted, of one tenant with one source of alerts; time runs many times as fast as on a ' +
    'clock. What was counted in minutes or hours stands for a day, to which audits every six hours add some. Tokens are ' +
    "calls of the authority, which has no quota of the API's.",
  async run(place) {
    const rows: (readonly string[])[] = [];
    for (let at = 0; at < cases.length; at += together) {
      const some = cases.slice(at, at + together);
      rows.push(...(await Promise.all(some.map((each, index) => measure(each, at + index, place)))));
    }
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
  const args = [place.own('economy/day'), JSON.stringify(day)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: longestMs });
  const { calls, accepted, keptUp } = JSON.parse(stdout) as Counted;
  place.say(`${each.title}: ${JSON.stringify(calls)}`);
  const alerts = calls['graph-alerts'] ?? 0;
  const aDay = (count: number) => Math.round((count / each.hours) * 24).toLocaleString('en');
  return [
    keptUp < 0.8 ? `${each.title} (too few: the machine was busy)` : each.title,
    each.historyAlerts > 0 ? '' : aDay(alerts),
    each.historyAlerts > 0 ? '' : aDay(calls.token ?? 0),
    accepted.toLocaleString('en'),
    accepted === 0 ? '' : ((alerts / accepted) * 1000).toFixed(1),
  ];
}
