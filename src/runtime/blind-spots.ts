/** What can keep the connector from seeing, or from telling what it saw. */
export type BlindSpot =
  /** A span of a source was set aside. */
  | 'gap'
  /** A source's watermark has stood still for longer than its schedule explains. */
  | 'stall'
  /** An API said that its answer lacks a part. */
  | 'partial-answer'
  /** An API or Entra ID refuses what was allowed. */
  | 'permission-lost'
  /** A credential ends soon. */
  | 'credential-expiring'
  /** A sink has refused events for good. */
  | 'dead-letters'
  /** A sink takes no events. */
  | 'sink-failing'
  /** The store is near `store.maxBytes`, or full: collection pauses. */
  | 'journal-near-bound'
  /** Records came whose shape is not known. */
  | 'unknown-shape'
  /** A completeness audit found records missing. */
  | 'audit-missing';

/** Whom a blind spot is about, by the names of the configuration. */
export interface BlindSpotSubject {
  readonly tenant?: string;
  readonly source?: string;
  readonly sink?: string;
}

/**
 * Where blind spots are reported. Each becomes an event of the source `connector` when it opens and when it closes:
 * once per change, however often it is reported. Never throws, and keeps nobody waiting.
 */
export interface BlindSpots {
  /** Says that a blind spot is there. `message`: what, and what to do next, in one line. */
  open(blindSpot: BlindSpot, subject: BlindSpotSubject, message: string): void;
  /** Says that it is not, or no longer. */
  close(blindSpot: BlindSpot, subject: BlindSpotSubject): void;
}
