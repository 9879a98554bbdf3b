import type { JournalEntry } from '../store/store.ts';
import type { OwnDeadLetter } from './batch.ts';
import type { Routes } from './routes.ts';

/** What became of some entries of a replay. */
export interface ReplayProgress {
  /** All up to this position is settled. */
  readonly through: number;
  /** Taken by the receiver since the last time; some may lie behind `through`. */
  readonly accepted: readonly JournalEntry[];
  /** Refused for good, or not writable, since the last time; some may lie behind `through`. */
  readonly refused: readonly OwnDeadLetter[];
}

/** Entries that a sink is sent again, beside what is new in the journal. Throws STORE_UNUSABLE when the disk refuses. */
export interface ReplayFeed {
  /** Which of its entries go to the sink. */
  readonly routes: Routes;
  /** True when its entries are dead letters: the sink has refused them before. */
  readonly deadLetters: boolean;
  /** Where it begins: behind this position. */
  readonly after: number;
  /** Returns entries behind `position`, in order; none when there are no more. */
  read(position: number, maxRows: number, maxBytes: number): Promise<readonly JournalEntry[]>;
  /** False for an entry that is read only to be passed over. */
  wants(entry: JournalEntry): boolean;
  /** Keeps how far it is. */
  keep(progress: ReplayProgress): Promise<void>;
  /**
   * Keeps that all from `position` on is sent once more, though it was settled: the receiver may have lost it. `over`
   * when the replay had come to its end: then it is a new one.
   */
  rewind(position: number, over: boolean): Promise<void>;
}
