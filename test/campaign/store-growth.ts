import { type Instant, instantOf } from '../../src/fields/instant.ts';
import type { SourceRecord } from '../../src/record.ts';
import type { Random } from '../../src/simulator/random.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const days = 30;
const retentionMs = 7 * dayMs;
const overlapMs = 15 * 60_000;
const startMs = Date.parse('2026-11-01T00:00:00Z');

/** What 30 days came to. */
export interface Growth {
  /** Bytes of the file and its log, at the end of each day. */
  readonly bytes: readonly number[];
  /** What a prune took of the processor on each day, ms: the mean. */
  readonly pruneMs: readonly number[];
  /** Rows kept beside the journal at the end: audits, jobs, gaps and dead letters. */
  readonly notes: number;
}

/**
 * Lives 30 days with a store, in steps of so many hours: so many alerts a day of the sizes that alerts have, half of
 * them updated within days, some of them late; one sink that refuses some for good and is down for a day now and then;
 * audits, gaps and jobs as they come.
 */
export async function liveThirtyDays(
  path: string,
  scale: { readonly alertsPerDay: number; readonly hoursAtOnce: number },
  random: Random,
): Promise<Growth> {
  await using store = openSqliteStore(path);
  await store.registerSources(['alerts'], startMs);
  await store.registerSinks(['siem'], startMs);
  const stepMs = scale.hoursAtOnce * hourMs;
  const stepsPerDay = 24 / scale.hoursAtOnce;
  const perStep = Math.ceil(scale.alertsPerDay / stepsPerDay);
  const bytes: number[] = [];
  const pruneMs: number[] = [];
  const later: SourceRecord[][] = Array.from({ length: (days + 6) * stepsPerDay }, () => []);
  let prunedMs = 0;
  for (let step = 0; step < days * stepsPerDay; step++) {
    const nowMs = startMs + step * stepMs;
    const recently = () => nowMs - random.between(0, stepMs);
    const records = Array.from({ length: perStep }, (_, i) => alert(`${step}-${i}`, recently(), random));
    for (const record of records) {
      if (random.chance(0.5)) later[step + random.between(1, 5 * stepsPerDay)]?.push(record);
    }
    const updates = (later[step] ?? []).map(({ id }) => alert(id, recently(), random));
    await read(store, [...records, ...updates], nowMs);
    const day = Math.floor(step / stepsPerDay);
    if (day % 6 !== 4) await deliver(store, nowMs, random);
    await note(store, nowMs);
    const before = process.cpuUsage();
    await store.prune(nowMs - retentionMs);
    const { user, system } = process.cpuUsage(before);
    prunedMs += (user + system) / 1000;
    if ((step + 1) % stepsPerDay > 0) continue;
    bytes.push(await store.bytes());
    pruneMs.push(prunedMs / stepsPerDay);
    prunedMs = 0;
  }
  const letters = await store.deadLetters('siem', 0, 1e6);
  const audits = await store.audits('alerts', 1e6);
  const notes = letters.length + audits.length + (await store.jobs()).length + (await store.gaps()).length;
  return { bytes, pruneMs, notes };
}

/** Alerts are of 2 to 20 KB. */
function alert(id: string, updatedMs: number, random: Random): SourceRecord {
  const version = instantOf(updatedMs);
  const json = JSON.stringify({ id, version, text: 'x'.repeat(random.between(1500, 6000)) });
  return {
    kind: 'graph-alert',
    id,
    version,
    updated: version,
    json,
    tracked: `["high","new",null,null,null,3,"${'e'.repeat(42)}"]`,
  };
}

/** As the collector does: pages, then the watermark with what can be forgotten. Some of it comes a second time. */
async function read(store: Store, records: readonly SourceRecord[], nowMs: number): Promise<void> {
  for (let from = 0; from < records.length; from += 100) {
    await store.accept({ source: 'alerts', records: records.slice(from, from + 100), updates: 'all', nowMs });
  }
  await store.accept({ source: 'alerts', records: records.slice(-10), updates: 'all', nowMs });
  const watermark: Instant = instantOf(nowMs);
  const forgetBefore = instantOf(Math.min(nowMs - overlapMs, nowMs - retentionMs));
  await store.accept({ source: 'alerts', records: [], updates: 'all', watermark, forgetBefore, nowMs });
  await store.recordRun('alerts', nowMs, undefined);
}

async function deliver(store: Store, nowMs: number, random: Random): Promise<void> {
  for (;;) {
    const entries = await store.readJournal(await store.offset('siem'), 500, 1e6);
    const last = entries.at(-1);
    if (last === undefined) return;
    const refused = entries.filter(() => random.chance(0.01));
    await store.acknowledge(
      'siem',
      last.position,
      refused.map((entry) => ({ entry, reason: 'refused', atMs: nowMs })),
    );
  }
}

async function note(store: Store, nowMs: number): Promise<void> {
  const from = instantOf(nowMs - 6 * hourMs);
  const to = instantOf(nowMs);
  await store.recordAudit('alerts', { from, to, expected: 9, accepted: 9, healed: 0, atMs: nowMs });
  await store.recordLateness('alerts', { histogram: '[1,2,3]', p999Ms: 1000, overlapMs });
  await store.recordGap('alerts', { from, to, reason: 'the API answered 500' }, nowMs);
  await store.closeGap('alerts', from, to);
  await store.endJob(await store.addJob('replay', '{"sink":"siem"}', nowMs), nowMs);
}
