import type { ReplaySpec } from '../../src/jobs/spec.ts';
import type { JournalEntry } from '../../src/store/store.ts';

/** What the connector accepted, and which replays of it were asked for. */
export interface Accepted {
  readonly entries: readonly JournalEntry[];
  readonly replays: readonly ReplaySpec[];
}

/** What the receiver's arrivals come to, held against what was accepted. */
export interface Verdict {
  /** Arrivals that are missing. */
  readonly lost: readonly string[];
  /** Arrivals more than asked for. */
  readonly repeated: number;
  /** Of these, the ones that no kill explains. */
  readonly unexplained: readonly string[];
  readonly outOfOrder: number;
}

/** Returns what an event is known by on every delivery. */
export function keyOf({ id, version }: Pick<JournalEntry, 'id' | 'version'>): string {
  return `${id} ${version}`;
}

/**
 * What one receiver took, in its order. A delivery carries the same identifiers whether it is the first or a repeat, so
 * that it is told by its place: the first arrival of an event is the live one, since no replay overtakes its sink.
 */
export class ReplayLedger {
  readonly #arrivals: string[] = [];
  readonly #arrived = new Set<string>();
  /** What was in flight at each kill: the events, and how many arrivals there were. */
  readonly #flights: { readonly keys: readonly string[]; readonly at: number }[] = [];
  #last: readonly string[] = [];

  /** How many have arrived. */
  get count(): number {
    return this.#arrivals.length;
  }

  /** True when the event has arrived before. */
  has(key: string): boolean {
    return this.#arrived.has(key);
  }

  /** The receiver took these, in one request. */
  took(keys: readonly string[]): void {
    this.#arrivals.push(...keys);
    for (const key of keys) this.#arrived.add(key);
    this.#last = keys;
  }

  /** The process was killed: whether it had noted what was taken last, nobody knows. */
  killed(): void {
    this.#flights.push({ keys: this.#last, at: this.#arrivals.length });
    this.#last = [];
  }

  /** Holds all that arrived against what was accepted. */
  verdict({ entries, replays }: Accepted): Verdict {
    const positions = new Map(entries.map((entry) => [keyOf(entry), entry.position]));
    const wanted = new Map(
      entries.map((entry) => [keyOf(entry), 1 + replays.filter((replay) => covers(replay, entry)).length]),
    );
    const arrived = countOf(this.#arrivals);
    const inFlight = countOf(this.#flights.flatMap(({ keys }) => keys));
    const lost: string[] = [];
    const unexplained: string[] = [];
    let repeated = 0;
    for (const [key, times] of wanted) {
      const more = (arrived.get(key) ?? 0) - times;
      if (more < 0) lost.push(key);
      if (more > 0) repeated += more;
      if (more > (inFlight.get(key) ?? 0)) unexplained.push(key);
    }
    for (const key of arrived.keys())
      if (!wanted.has(key)) unexplained.push(`${key}, which was never accepted`);
    return { lost, repeated, unexplained, outOfOrder: this.#outOfOrder(positions, replays.length) };
  }

  /** What comes first is in the order of acceptance; the rest are as many such runs as there were replays. */
  #outOfOrder(positions: ReadonlyMap<string, number>, replays: number): number {
    const first: number[] = [];
    const again: number[] = [];
    const seen = new Set<string>();
    const expected = new Map<string, number>();
    let flight = 0;
    for (const [index, key] of this.#arrivals.entries()) {
      for (; (this.#flights[flight]?.at ?? Number.POSITIVE_INFINITY) <= index; flight++) {
        for (const sent of this.#flights[flight]?.keys ?? [])
          expected.set(sent, (expected.get(sent) ?? 0) + 1);
      }
      const position = positions.get(key) ?? 0;
      const repeats = expected.get(key) ?? 0;
      if (!seen.has(key)) first.push(position);
      else if (repeats > 0) expected.set(key, repeats - 1);
      else again.push(position);
      seen.add(key);
    }
    return descents(first) + Math.max(0, descents(again) - Math.max(0, replays - 1));
  }
}

function covers({ after, through, sinceMs, untilMs }: ReplaySpec, entry: JournalEntry): boolean {
  return (
    entry.position > after &&
    entry.position <= through &&
    entry.acceptedAtMs >= (sinceMs ?? 0) &&
    entry.acceptedAtMs < (untilMs ?? Number.POSITIVE_INFINITY)
  );
}

function descents(positions: readonly number[]): number {
  return positions.filter((position, index) => position < (positions[index - 1] ?? 0)).length;
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
