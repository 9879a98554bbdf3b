import { keptBack } from '../../src/sinks/http-delivery.ts';
import { Refusals } from '../../src/sinks/refusals.ts';
import type { Outcome } from '../../src/sinks/sink.ts';

/**
 * Judges refusals by data stream: each has a template and pipelines of its own, so what one takes, such as a heartbeat,
 * does not show that another would take anything at all. Of a stream that takes nothing, three documents in a row may be
 * given up, and the rest waits; where there is one stream only, that is the delivery's own rule (`Refusals`).
 */
export class StreamRefusals {
  /** By the name of the data stream. */
  readonly #streams = new Map<string, Refusals>();

  /** Returns the outcomes of an answer, with those kept back that are not to be given up; `streams` says where each went. */
  judge(streams: readonly string[], outcomes: readonly Outcome[]): readonly Outcome[] {
    const judged = [...outcomes];
    const places = Map.groupBy(outcomes.keys(), (index) => streams[index] ?? '');
    for (const [stream, indices] of places) {
      const refusals = this.#refusalsOf(stream);
      refusals.begin();
      if (indices.some((index) => outcomes[index]?.kind === 'accepted')) refusals.taken();
      else this.#keepBack(refusals, indices, judged);
    }
    return judged;
  }

  #refusalsOf(stream: string): Refusals {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const refusals = new Refusals();
    // One bad document must not hold up all others until its stream shows that it takes any.
    refusals.taken();
    this.#streams.set(stream, refusals);
    return refusals;
  }

  #keepBack(refusals: Refusals, indices: readonly number[], judged: Outcome[]): void {
    const refused = indices.filter((index) => judged[index]?.kind === 'rejected');
    for (const _ of refused) refusals.refused();
    const kept = refusals.end();
    if (this.#streams.size === 1 || kept === 0) return;
    for (const index of refused.slice(-kept)) {
      const outcome = judged[index];
      if (outcome?.kind === 'rejected') judged[index] = keptBack(outcome.reason);
    }
  }
}
