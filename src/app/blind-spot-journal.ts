import { messageOf } from '../errors.ts';
import type { Severity } from '../event.ts';
import { instantOf } from '../fields/instant.ts';
import type { BlindSpot, BlindSpotSubject, BlindSpots } from '../runtime/blind-spots.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { ConnectorEventDraft, ConnectorJournal } from './connector-journal.ts';

/** How bad each blind spot is, where its reporter does not say. */
const severities = {
  gap: 'high',
  stall: 'high',
  'partial-answer': 'medium',
  'permission-lost': 'high',
  'credential-expiring': 'medium',
  'dead-letters': 'high',
  'sink-failing': 'medium',
  'journal-near-bound': 'high',
  'unknown-shape': 'low',
  'audit-missing': 'high',
} as const satisfies Readonly<Record<BlindSpot, Severity>>;

const ranks: readonly Severity[] = ['unknown', 'informational', 'low', 'medium', 'high', 'critical'];

/** Blind spots that are written to the journal. */
export interface BlindSpotJournal extends BlindSpots {
  /** With a severity above the one told last, an open blind spot is told once more. */
  open(blindSpot: BlindSpot, subject: BlindSpotSubject, message: string, severity?: Severity): void;
  /** Writes what could not be written before. Never rejects: what still cannot be stays for the next call. */
  flush(): Promise<void>;
}

/**
 * One that ends this often within an hour flaps: from then on its end is told when it has held for ten minutes, ms, so
 * that what comes and goes with each run does not fill the journal.
 */
const freeEnds = 3;
const flappingMs = 3_600_000;
const holdMs = 600_000;

/** What a blind spot is now, as last reported. */
interface Report {
  readonly open: boolean;
  readonly severity: Severity;
  readonly message: string;
  readonly atMs: number;
}

/** One blind spot: only its latest state is kept while the store refuses, so that memory is bounded. */
interface Spot {
  readonly type: BlindSpot;
  readonly subject: BlindSpotSubject;
  readonly key: string;
  wanted: Report;
  /** What the journal tells of it. */
  written: { readonly open: boolean; readonly severity: Severity };
  /** When its last ends were told, and when the latest was reported, by elapsed time, ms. */
  readonly ends: number[];
  endedAt: number;
}

/** Who is configured: a blind spot of anybody else cannot be reported any more, so that it is over. */
export interface Configured {
  readonly tenants: readonly string[];
  readonly sources: readonly { readonly name: string; readonly tenant: string }[];
  readonly sinks: readonly string[];
}

/**
 * Returns the blind spots as the store knows them from earlier processes: one that was open then is not opened a second
 * time, and is closed when it is over. Rejects with STORE_UNUSABLE when the store cannot be read.
 */
export async function openBlindSpotJournal(options: {
  readonly journal: ConnectorJournal;
  readonly store: Pick<Store, 'counter' | 'counters'>;
  readonly configured: Configured;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<BlindSpotJournal> {
  const { journal, store, configured, clock, log } = options;
  const spots = new Map<string, Spot>();
  let writing: Promise<void> | undefined;
  let refused = false;
  await recall();

  return {
    open(type, subject, message, severity = severities[type]) {
      const spot = spotOf(type, subject);
      const told = spot.wanted;
      if (told.open && ranks.indexOf(severity) <= ranks.indexOf(told.severity)) return;
      spot.wanted = { open: true, severity, message, atMs: told.open ? told.atMs : clock.now() };
      void flush();
    },
    close(type, subject) {
      const spot = spotOf(type, subject);
      if (!spot.wanted.open) return;
      spot.wanted = { ...closed, atMs: clock.now() };
      spot.endedAt = elapsedMs(clock);
      void flush();
    },
    flush,
  };

  function spotOf(type: BlindSpot, about: BlindSpotSubject): Spot {
    const owner = configured.sources.find(({ name }) => name === about.source)?.tenant;
    const subject = owner === undefined ? about : { tenant: owner, ...about };
    const { tenant = '', source = '', sink = '' } = subject;
    const key = [type, tenant, source, sink].join('/');
    const known = spots.get(key);
    if (known !== undefined) return known;
    const spot: Spot = { type, subject, key, wanted: closed, written: closed, ends: [], endedAt: 0 };
    spots.set(key, spot);
    return spot;
  }

  /** Takes up what an earlier process left open. */
  async function recall(): Promise<void> {
    const since = await store.counters(sincePrefix);
    for (const [name, sinceMs] of Object.entries(since)) {
      const [type = '', tenant, source, sink] = name.slice(sincePrefix.length).split('/');
      if (sinceMs === 0 || !isBlindSpot(type)) continue;
      const subject = { ...(tenant && { tenant }), ...(source && { source }), ...(sink && { sink }) };
      const spot = spotOf(type, subject);
      const severity = ranks[await store.counter(severityName(spot.key))] ?? severities[type];
      spot.written = { open: true, severity };
      spot.wanted = isConfigured(subject, configured)
        ? { open: true, severity, message: '', atMs: sinceMs }
        : { ...closed, atMs: clock.now() };
    }
  }

  function flush(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    try {
      for (let spot = pending(); spot !== undefined; spot = pending()) await write(spot);
      refused = false;
    } catch (error) {
      if (refused) return;
      refused = true;
      log.error(
        { reason: messageOf(error) },
        "the store does not take the connector's own events: they are kept in memory and written when it does",
      );
    }
  }

  function pending(): Spot | undefined {
    return [...spots.values()].find((spot) => differ(spot.wanted, spot.written) && !mustHold(spot));
  }

  /** Whether an end is not to be told yet, since the blind spot has come back too often. */
  function mustHold({ wanted, ends, endedAt }: Spot): boolean {
    const now = elapsedMs(clock);
    while ((ends[0] ?? now) + flappingMs < now) ends.shift();
    return !wanted.open && ends.length >= freeEnds && now - endedAt < holdMs;
  }

  /** Writes the latest state of a blind spot. The store is asked anew: a write that failed may have been kept. */
  async function write(spot: Spot): Promise<void> {
    const { key, wanted } = spot;
    const openings = await store.counter(numberName(key));
    const openedMs = await store.counter(sinceName(key));
    const severity = ranks[await store.counter(severityName(key))] ?? 'unknown';
    spot.written = { open: openedMs > 0, severity: openedMs > 0 ? severity : closed.severity };
    if (!differ(wanted, spot.written)) return;

    const opening = openedMs === 0;
    const number = opening ? openings + 1 : openings;
    const sinceMs = opening ? wanted.atMs : openedMs;
    await journal.write([draftOf({ ...spot, wanted }, number, sinceMs, opening)], {
      [numberName(key)]: number,
      [sinceName(key)]: wanted.open ? sinceMs : 0,
      [severityName(key)]: wanted.open ? ranks.indexOf(wanted.severity) : 0,
    });
    spot.written = wanted;
    if (!wanted.open) spot.ends.push(elapsedMs(clock));
  }

  function draftOf(
    { type, subject, key, wanted }: Spot,
    number: number,
    sinceMs: number,
    opening: boolean,
  ): ConnectorEventDraft {
    // Two states of one blind spot are told apart by their time.
    const atMs = opening ? wanted.atMs : Math.max(clock.now(), sinceMs + (wanted.open ? 1 : 2));
    return {
      id: `${key}/${number}`,
      type,
      number,
      state: wanted.open ? 'opened' : 'closed',
      severity: wanted.open ? wanted.severity : 'informational',
      time: instantOf(atMs),
      since: instantOf(sinceMs),
      message: wanted.message,
      tenant: subject.tenant,
      source: subject.source,
      sink: subject.sink,
    };
  }
}

const closed: Report = { open: false, severity: 'unknown', message: 'It is over.', atMs: 0 };

const sincePrefix = 'blind-spot/since/';
const sinceName = (key: string) => `${sincePrefix}${key}`;
const numberName = (key: string) => `blind-spot/number/${key}`;
const severityName = (key: string) => `blind-spot/severity/${key}`;

/** A state is to be told when it is another, or a worse one. */
function differ(wanted: Report, written: Spot['written']): boolean {
  if (wanted.open !== written.open) return true;
  return wanted.open && ranks.indexOf(wanted.severity) > ranks.indexOf(written.severity);
}

function isBlindSpot(type: string): type is BlindSpot {
  return Object.hasOwn(severities, type);
}

function isConfigured(
  { tenant, source, sink }: BlindSpotSubject,
  { tenants, sources, sinks }: Configured,
): boolean {
  return (
    (tenant === undefined || tenants.includes(tenant)) &&
    (source === undefined || sources.some((each) => each.name === source && each.tenant === tenant)) &&
    (sink === undefined || sinks.includes(sink))
  );
}
