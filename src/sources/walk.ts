import type { Instant } from '../fields/instant.ts';
import type { Window } from './source.ts';

/** How far the reading of a span is: `from` moves on to `end`, which moves back where the API is not that far. */
export class Walk {
  from: Instant;
  end: Instant;
  partial = false;
  setAside = 0;
  readonly totals = new Totals();

  constructor({ from, to }: Window) {
    this.from = from;
    this.end = to;
  }
}

/** What the pages came to so far. */
export class Totals {
  read = 0;
  accepted = 0;
  repeated = 0;
  strange = 0;
}
