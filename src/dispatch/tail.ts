import type { Sink } from '../sinks/sink.ts';

/** Where deliveries come from: it can be told to bring some of them again. */
export interface Feed {
  /** From this position on, everything is to be sent again. */
  goBack(position: number): void;
}

/** The positions of what a sink accepted last and its receiver has not confirmed. */
export interface Tail {
  /** The sink accepted these, in this order. */
  accepted(feed: Feed, positions: readonly number[]): void;
  /**
   * Asks the sink what its receiver may have lost, and tells each feed how far to go back; the number of events. Each
   * loss is told once.
   */
  goBack(): number;
}

/** Makes the tail of a sink; it holds no more positions than the sink has payloads unconfirmed, and one batch. */
export function createTail(sink: Pick<Sink, 'takeInDoubt' | 'unconfirmed'>): Tail {
  let runs: { readonly feed: Feed; readonly positions: readonly number[] }[] = [];
  let held = 0;

  return {
    accepted(feed, positions) {
      if (sink.takeInDoubt === undefined) return;
      runs.push({ feed, positions });
      held += positions.length;
      const needed = sink.unconfirmed?.() ?? held;
      for (let first = runs[0]; first !== undefined; first = runs[0]) {
        if (held - first.positions.length < needed) break;
        held -= first.positions.length;
        runs.shift();
      }
    },

    goBack() {
      const events = sink.takeInDoubt?.() ?? 0;
      if (events === 0) return 0;
      let left = events;
      for (const { feed, positions } of runs.toReversed()) {
        const lost = positions.slice(-left);
        const [first] = lost;
        if (first !== undefined) feed.goBack(first);
        left -= lost.length;
        if (left === 0) break;
      }
      runs = [];
      held = 0;
      return events;
    },
  };
}
