import { type Instant, later, parseInstant } from '../../src/fields/instant.ts';
import type { CollectorStore } from '../../src/sources/collector.ts';
import type { AcceptRequest, AcceptResult, Gap } from '../../src/store/store.ts';

/** The store's rules for accepting, by the letter and in memory; it forgets keys as the real one does. */
export class MemoryStore implements CollectorStore {
  readonly accepted: string[] = [];
  #watermark: Instant | undefined;
  readonly #counters = new Map<string, number>();
  readonly #seen = new Map<string, Instant>();
  readonly #gaps = new Map<string, Gap>();

  async watermark(): Promise<Instant | undefined> {
    return this.#watermark;
  }

  async counter(name: string): Promise<number> {
    return this.#counters.get(name) ?? 0;
  }

  async known(
    _source: string,
    keys: readonly { readonly id: string; readonly version: string }[],
  ): Promise<boolean[]> {
    return keys.map(({ id, version }) => this.#seen.has(id) || this.#seen.has(`${id} ${version}`));
  }

  async gaps(): Promise<readonly Gap[]> {
    return [...this.#gaps.values()].toSorted((a, b) => (a.from < b.from ? -1 : 1));
  }

  async recordGap(
    source: string,
    { from, to, reason }: Pick<Gap, 'from' | 'to' | 'reason'>,
    nowMs: number,
  ): Promise<void> {
    const { sinceMs = nowMs, attempts = 0 } = this.#gaps.get(`${from} ${to}`) ?? {};
    this.#gaps.set(`${from} ${to}`, { source, from, to, reason, sinceMs, attempts: attempts + 1 });
  }

  async closeGap(_source: string, from: Instant, to: Instant): Promise<void> {
    this.#gaps.delete(`${from} ${to}`);
  }

  async accept(request: AcceptRequest): Promise<AcceptResult> {
    let repeated = 0;
    let accepted = 0;
    const nowText = parseInstant(new Date(request.nowMs).toISOString());
    if (nowText === undefined) throw new Error('no time');
    for (const record of request.records) {
      const key = request.updates === 'new' ? record.id : `${record.id} ${record.version}`;
      if (this.#seen.has(key)) {
        repeated++;
        continue;
      }
      const updated = record.updated === undefined ? undefined : parseInstant(record.updated);
      this.#seen.set(key, updated === undefined ? nowText : later(updated, nowText));
      this.accepted.push(`${record.id} ${record.version}`);
      accepted++;
    }
    for (const [name, value] of Object.entries(request.counters ?? {})) this.#counters.set(name, value);
    if (request.watermark !== undefined) this.#watermark = request.watermark;
    for (const [key, time] of this.#seen) {
      if (request.forgetBefore !== undefined && time < request.forgetBefore) this.#seen.delete(key);
    }
    return { accepted, repeated };
  }
}
