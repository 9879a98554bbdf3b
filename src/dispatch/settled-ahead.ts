import type { Attempt } from './attempt.ts';
import type { Batch, Delivery, OwnDeadLetter } from './batch.ts';

/**
 * What is settled though an entry before it still waits, so that no offset tells of it yet: it is not sent again when
 * the wait is broken off and the batch is gathered anew.
 */
export class SettledAhead {
  readonly #settled = new Map<number, OwnDeadLetter | undefined>();

  /** True when nothing is settled ahead, as it is as long as nothing fails. */
  get empty(): boolean {
    return this.#settled.size === 0;
  }

  /** Returns what is left of a batch to be sent, and its dead letters, both behind `offset`. */
  leftOf(
    batch: Batch,
    offset: number,
  ): { readonly waiting: readonly Delivery[]; readonly letters: readonly OwnDeadLetter[] } {
    const behind = (first: Delivery | OwnDeadLetter | undefined) =>
      first === undefined || first.entry.position > offset;
    if (this.empty && behind(batch.deliveries[0]) && behind(batch.deadLetters[0])) {
      return { waiting: batch.deliveries, letters: batch.deadLetters };
    }
    const left = batch.deliveries.filter(({ entry }) => entry.position > offset);
    const waiting = left.filter(({ entry }) => !this.#settled.has(entry.position));
    const refused = left.flatMap(({ entry }) => this.#settled.get(entry.position) ?? []);
    const unwritten = batch.deadLetters.filter(({ entry }) => entry.position > offset);
    return { waiting, letters: [...unwritten, ...refused] };
  }

  /** Notes what an attempt settled. */
  note({ accepted, rejected }: Attempt): void {
    for (const { entry } of accepted) this.#settled.set(entry.position, undefined);
    for (const letter of rejected) this.#settled.set(letter.entry.position, letter);
  }

  /** The offset has come to this position. */
  forget(through: number): void {
    for (const position of this.#settled.keys()) if (position <= through) this.#settled.delete(position);
  }

  /** The receiver may have lost what it took. */
  clear(): void {
    this.#settled.clear();
  }
}
