import { createHash } from 'node:crypto';
import { ConnectorError } from '../errors.ts';
import {
  addMs,
  earlier,
  epochMs,
  type Instant,
  instantOf,
  later,
  nextTick,
  parseInstant,
} from '../fields/instant.ts';
import type { SourceRecord } from '../record.ts';
import type { Audit, Gap, RecordKey, Store } from '../store/store.ts';
import { knownFromCounter } from './collector.ts';
import { latenessOf } from './late-arrivals.ts';
import { overlapReadCounter } from './lookback.ts';
import type { Overlap } from './overlap.ts';
import type { Window, WindowedApi } from './source.ts';
import { createSpanReader, type SpanReaderOptions, type SpanStore } from './span-reader.ts';

/** The part of the store that an audit needs. */
export interface AuditStore
  extends SpanStore,
    Pick<Store, 'watermark' | 'counter' | 'known' | 'gaps' | 'audits' | 'recordAudit'> {}

/** What an audit is made of, beside what fetches what is missing. */
export interface AuditOptions extends SpanReaderOptions {
  readonly store: AuditStore;
  /** Shows the records by id and version alone; undefined where only the whole records can be asked for. */
  readonly sweep: WindowedApi | undefined;
  /** Live reading reaches this far back: what is behind it is the audit's. */
  readonly overlap: Overlap;
  /** How far an audit reaches back behind the overlap, ms. */
  readonly windowMs: number;
  /** What the configuration wants of the source; another than at the audit before explains what is missing. */
  readonly filter?: unknown;
}

/** What an audit found. What lies in spans that are set aside is left out: those are tried again by live reading. */
export interface AuditFindings extends Audit {
  /** How many such spans lie in the window. */
  readonly gaps: number;
  /** Of the healed, those that showed themselves later than the overlap may ever reach. */
  readonly tooLate: number;
  /** True when the source's filter is another than at the audit before: what was not wanted then is no loss. */
  readonly otherFilter: boolean;
}

/** A state of a record that the API shows. */
type State = RecordKey & { readonly updated: Instant };

/** Missing states nearer to each other than this are fetched together, ms. */
const sameFetchMs = 60_000;
/** Keys that the store is asked for at a time: live reading comes in between. */
const keysAtATime = 500;

/**
 * Compares what an API shows with what was accepted, over a wide span behind the reach of live reading, and fetches
 * what is missing: it is accepted in the ordinary way. `audit` resolves with what it found, and keeps it; undefined
 * while there is no span to audit. It reads slice by slice as backlog, so that neither memory nor live reading feels
 * its width. A state that is missing, and gone when it is to be fetched, was replaced by a later one: live reading
 * brings that. Rejects when the API cannot be swept to the end. Calls must not overlap.
 */
export function createAudit(options: AuditOptions) {
  const { source, store, clock, overlap, updates } = options;
  const fetcher = createSpanReader(options);
  const filterCounter = `audited-filter/${source}`;
  const filter = fingerprint(options.filter);

  return {
    async audit(signal: AbortSignal): Promise<AuditFindings | undefined> {
      const watermark = await store.watermark(source);
      if (watermark === undefined) return undefined;
      await overlap.restore();
      const knownFromMs = await store.counter(knownFromCounter(source));
      // A store of an earlier version does not say from when on; the next run of live reading will.
      if (knownFromMs === 0) return undefined;
      const overlapReadMs = await store.counter(overlapReadCounter(source));
      const overlapReadTo = overlapReadMs === 0 ? watermark : earlier(watermark, instantOf(overlapReadMs));
      const reachMs = overlap.currentMs();
      const to = addMs(overlapReadTo, -reachMs);
      const span: Window = { from: later(addMs(to, -options.windowMs), instantOf(knownFromMs)), to };
      if (span.from >= span.to) return undefined;

      const gaps = (await store.gaps(source)).filter((gap) => gap.from < span.to && gap.to > span.from);
      const [last] = await store.audits(source, 1);
      const otherFilter = last !== undefined && (await store.counter(filterCounter)) !== filter;
      const found = { expected: 0, accepted: 0, healed: 0, tooLate: 0 };
      const met = new Map<string, State>();

      /** Compares what was met of `[from, upTo)`: some APIs show a little more than they are asked for. */
      async function compare(from: Instant, upTo: Instant): Promise<void> {
        const states = [...met.values()].filter(({ updated }) => updated >= from && updated < upTo);
        met.clear();
        const missing = await unknownOf(states);
        found.accepted += states.length - missing.length;
        found.expected += states.length - missing.length;
        if (missing.length === 0) return;
        const { healed, known, failed } = await fetch(missing, signal);
        for (const state of otherFilter ? [] : healed) {
          // This host's clock may have been wrong at the audit before: the watermark says how late it can be at most.
          const mostMs = latenessOf(state, watermark ?? upTo);
          const provenMs = last === undefined ? 0 : Math.min(mostMs, provenLatenessMs(state, last));
          overlap.missed(Math.max(reachMs, provenMs), mostMs);
          if (provenMs > overlap.maxMs) found.tooLate++;
        }
        found.healed += healed.length;
        found.accepted += known;
        found.expected += healed.length + known + failed;
      }

      // A failure of the sweep sets nothing aside: the next audit tries again.
      const { gaps: _gaps, onUnknownShape: _told, ...sweeping } = options;
      const sweeper = createSpanReader({
        ...sweeping,
        api: options.sweep ?? options.api,
        // What is known by id alone may be wanted or not: that shows when it is fetched.
        wanted: options.sweep === undefined ? options.wanted : () => true,
        store: {
          async accept({ records }) {
            for (const state of records.flatMap(stateOf)) met.set(`${state.id}\n${state.version}`, state);
            return { accepted: 0, repeated: records.length };
          },
        },
        room: async () => {},
        onAccepted: () => {},
      });
      for (const part of partsBetween(span, gaps)) {
        let sweptTo = part.from;
        const { partial } = await sweeper.readSpan(part, {
          priority: 'backlog',
          signal,
          onRead: async (upTo) => {
            await compare(sweptTo, upTo);
            sweptTo = upTo;
          },
        });
        if (partial) {
          throw new ConnectorError(
            'API_FAILED',
            'the API answered in part (206 or a Warning header): what it leaves out cannot be compared',
          );
        }
      }
      const { tooLate, ...counts } = found;
      const audit: Audit = { ...span, ...counts, atMs: clock.now() };
      await store.recordAudit(source, audit);
      await store.accept({
        source,
        records: [],
        updates,
        counters: { [filterCounter]: filter },
        nowMs: clock.now(),
      });
      await overlap.keep();
      return { ...audit, tooLate, otherFilter, gaps: gaps.length };
    },
  };

  async function unknownOf<Key extends RecordKey>(states: readonly Key[]): Promise<readonly Key[]> {
    const unknown: Key[] = [];
    for (let from = 0; from < states.length; from += keysAtATime) {
      const some = states.slice(from, from + keysAtATime);
      const known = await store.known(source, some);
      unknown.push(...some.filter((_state, index) => known[index] !== true));
    }
    return unknown;
  }

  /**
   * Fetches missing states. `healed` were accepted now; `known` of them are later states of a record of which only the
   * first is wanted; `failed` could not be fetched. The others are not there any more, or are not wanted.
   */
  async function fetch(
    missing: readonly State[],
    signal: AbortSignal,
  ): Promise<{ readonly healed: readonly State[]; readonly known: number; readonly failed: number }> {
    const healed: State[] = [];
    let known = 0;
    let failed = 0;
    for (const group of groupsOf(missing)) {
      let accepted = 0;
      let unread = false;
      try {
        const read = await fetcher.readSpan(spanOf(group), {
          priority: 'backlog',
          signal,
          onRead: async () => {},
        });
        accepted = read.accepted;
        unread = read.partial || read.gaps > 0;
      } catch {
        signal.throwIfAborted();
        unread = true;
      }
      const stillUnknown = new Set(await unknownOf(group));
      const here = group.filter((state) => !stillUnknown.has(state));
      const taken = updates === 'all' ? here : here.slice(0, accepted);
      healed.push(...taken);
      known += here.length - taken.length;
      if (unread) failed += stillUnknown.size;
    }
    return { healed, known, failed };
  }
}

/** A number that stands for a filter: others have another. */
function fingerprint(filter: unknown): number {
  const hash = createHash('sha256').update(JSON.stringify(filter ?? null));
  return hash.digest().readUIntBE(0, 6);
}

/** A record without an update time is met by no window in a way that could be compared. */
function stateOf({ id, version, created, updated }: SourceRecord): readonly State[] {
  const instant = updated === undefined ? undefined : parseInstant(updated);
  return instant === undefined ? [] : [{ id, version, created, updated: instant }];
}

function holds({ from, to }: Pick<Gap, 'from' | 'to'>, instant: Instant): boolean {
  return instant >= from && instant < to;
}

/** The parts of a span that no gap covers, in order. */
function partsBetween(span: Window, gaps: readonly Pick<Gap, 'from' | 'to'>[]): readonly Window[] {
  const parts: Window[] = [];
  let { from } = span;
  for (const gap of gaps.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (from < gap.from) parts.push({ from, to: gap.from });
    from = later(from, gap.to);
  }
  return from < span.to ? [...parts, { from, to: span.to }] : parts;
}

/** How late a state has come at least, ms: the audit before did not meet it, though it looked there. */
function provenLatenessMs({ updated }: State, last: Audit): number {
  return holds(last, updated) ? last.atMs - epochMs(updated) : 0;
}

/** Missing states by their time, those near to each other together. */
function groupsOf(missing: readonly State[]): readonly (readonly State[])[] {
  const groups: State[][] = [];
  for (const state of missing.toSorted((a, b) => (a.updated < b.updated ? -1 : 1))) {
    const group = groups.at(-1);
    const end = group?.at(-1);
    if (end !== undefined && epochMs(state.updated) - epochMs(end.updated) <= sameFetchMs) group?.push(state);
    else groups.push([state]);
  }
  return groups;
}

function spanOf(group: readonly State[]): Window {
  const [first] = group;
  const end = group.at(-1);
  if (first === undefined || end === undefined) throw new ConnectorError('BUG', 'nothing to fetch');
  return { from: first.updated, to: nextTick(end.updated) };
}
