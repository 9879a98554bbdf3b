import type { Arrival } from './crash-sinks.ts';

interface Known {
  readonly content: string;
  /** Among the different events at this sink, the first is 0. */
  readonly order: number;
  /** The life of the process in which it came last. */
  life: number;
}

/** What one sink received, life after life of the process: what was lost, what came again, and whether it might. */
export class CrashLedger {
  readonly #sink: string;
  readonly #mostInFlight: number;
  readonly #known = new Map<string, Known>();
  #life = 0;
  #distinctBefore = 0;
  #repeated = 0;
  readonly broken: string[] = [];

  /** `mostInFlight`: how many events the process may be sending at a time. */
  constructor(sink: string, mostInFlight: number) {
    this.#sink = sink;
    this.#mostInFlight = mostInFlight;
  }

  /** Events that came more than once. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Different events that came. */
  get size(): number {
    return this.#known.size;
  }

  /** Ids and versions, in the order of their first arrival. */
  get sequence(): readonly string[] {
    return [...this.#known.keys()];
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** The process was killed, and all that it had sent has been added: what comes now is of its next life. */
  killed(): void {
    this.#life += 1;
    this.#distinctBefore = this.#known.size;
  }

  add({ key, content }: Arrival): void {
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, { content, order: this.#known.size, life: this.#life });
      return;
    }
    this.#repeated += 1;
    if (known.content !== content) this.#break(`${key} came again with another content`);
    if (known.life === this.#life) this.#break(`${key} came twice although no kill was in between`);
    else if (known.order < this.#distinctBefore - this.#mostInFlight)
      this.#break(`${key} came again, ${this.#distinctBefore - known.order} events behind the kill`);
    known.life = this.#life;
  }

  #break(what: string): void {
    this.broken.push(`${this.#sink}: ${what}`);
  }
}
