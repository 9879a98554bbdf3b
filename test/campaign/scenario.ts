/** How a scenario is run. */
export interface Scale {
  /** Every choice a scenario makes follows from it: the same seed breaks the same things. */
  readonly seed: number;
  /** False for the short form that `npm test` runs, which takes a few seconds at most. */
  readonly long: boolean;
  /** Tells how it goes, a line each. */
  readonly note: (line: string) => void;
}

/** What a scenario came to. */
export interface Report {
  /** Counted, by name, in the order they are printed: `kills`, `events`, `lost`, `repeated`. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** Each promise that did not hold, in one line; empty when all did. */
  readonly broken: readonly string[];
}

/** One promise of the design, put under fault. */
export interface Scenario {
  /** The word for `--only`, such as `crash`. */
  readonly name: string;
  /** The promise in one line. */
  readonly promise: string;
  run(scale: Scale): Promise<Report>;
}
