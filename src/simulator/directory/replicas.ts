import type { Random } from '../random.ts';

/** Which replica of the directory answers a call: one that has heard of every change, or one that is behind. */
export interface Replica {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly behind: boolean;
}

/** How long changes take to reach every replica: seeded, from a tenth of `mostMs` up to it; 0 for at once. */
export class Settling {
  readonly #random: Random;
  mostMs: number;

  constructor(random: Random, mostMs: number) {
    this.#random = random;
    this.mostMs = mostMs;
  }

  /** Returns how long one change takes, ms. */
  delay(): number {
    return this.mostMs === 0 ? 0 : this.#random.between(Math.ceil(this.mostMs / 10), this.mostMs);
  }

  /** Returns the replica that answers a call: every other one is behind. */
  replica(now: number): Replica {
    return { now, behind: this.#random.chance(0.5) };
  }
}

/** A state of an object (undefined: there is none), and from when on every replica knows it, ms since 1970. */
interface Version<T> {
  readonly value: T | undefined;
  readonly settledAt: number;
}

/**
 * Objects by id that are eventually consistent: a replica that is behind shows each object as it last was everywhere,
 * so that a new one is missing, a changed one is old, and a deleted one lingers (API reference §11.4).
 */
export class ReplicatedTable<T> {
  readonly #settling: Settling;
  readonly #versions = new Map<string, readonly Version<T>[]>();

  constructor(settling: Settling) {
    this.#settling = settling;
  }

  /** Adds the object, or puts it in place of its last state. */
  put(id: string, value: T, now: number): void {
    this.#write(id, value, now);
  }

  delete(id: string, now: number): void {
    this.#write(id, undefined, now);
  }

  /** Adds an object that was always there. */
  found(id: string, value: T): void {
    this.#versions.set(id, [{ value, settledAt: Number.NEGATIVE_INFINITY }]);
  }

  /** Returns the object as a replica tells it. */
  get(id: string, replica: Replica): T | undefined {
    return replica.behind ? this.settled(id, replica.now) : this.latest(id);
  }

  /** Returns all objects as a replica tells them, the oldest first. */
  all(replica: Replica): T[] {
    return this.#each((id) => this.get(id, replica));
  }

  /** Returns the object's last state, known everywhere or not. */
  latest(id: string): T | undefined {
    return this.#versions.get(id)?.at(-1)?.value;
  }

  allLatest(): T[] {
    return this.#each((id) => this.latest(id));
  }

  /** Returns the last state that every replica knows at `now`, ms since 1970. */
  settled(id: string, now: number): T | undefined {
    return this.#versions.get(id)?.findLast((version) => version.settledAt <= now)?.value;
  }

  allSettled(now: number): T[] {
    return this.#each((id) => this.settled(id, now));
  }

  /** Every change is known everywhere from now on. */
  settle(): void {
    for (const [id, versions] of this.#versions) {
      const value = versions.at(-1)?.value;
      if (value === undefined) this.#versions.delete(id);
      else this.found(id, value);
    }
  }

  #write(id: string, value: T | undefined, now: number): void {
    const versions = this.#versions.get(id) ?? [];
    const needed = versions.slice(
      Math.max(
        0,
        versions.findLastIndex(({ settledAt }) => settledAt <= now),
      ),
    );
    const settledAt = now + this.#settling.delay();
    // A change is nowhere known before the one that it builds on.
    const from = Math.max(settledAt, needed.at(-1)?.settledAt ?? settledAt);
    this.#versions.set(id, [...needed, { value, settledAt: from }]);
  }

  #each(read: (id: string) => T | undefined): T[] {
    return [...this.#versions.keys()].flatMap((id) => read(id) ?? []);
  }
}
