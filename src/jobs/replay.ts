import type { ReplayFeed } from '../dispatch/replay-feed.ts';
import { compileRoutes, type Routes } from '../dispatch/routes.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DeadLetter, JournalEntry, Store } from '../store/store.ts';
import { type Job, type ReplayCursor, type ReplaySpec, readText, replayCursor } from './spec.ts';

/** The part of the store that a replay needs. */
export type ReplayStore = Pick<
  Store,
  'readJournal' | 'deadLetters' | 'acknowledge' | 'removeDeadLetters' | 'addJob' | 'advanceJob'
>;

/** What a replay is made of. */
export interface ReplayOptions {
  readonly store: ReplayStore;
  /** The routes of the configuration. */
  readonly routes: Routes;
  readonly clock: Clock;
}

/** Dead letters read at once: each may be a large record. */
const lettersAtOnce = 20;
/** Dead letters that were taken and could be put back, should it turn out that the receiver lost them. */
const lettersRemembered = 200;

/** Returns where a replay is: at its cursor, or at its beginning. */
export function replayProgress({ stored, spec }: Extract<Job, { kind: 'replay' }>): ReplayCursor {
  return readText(replayCursor, stored.cursor) ?? { version: 1, position: spec.after, sent: 0, refused: 0 };
}

/**
 * Returns what a replay sends: journal rows, or dead letters, from its cursor on. The cursor moves only past what is
 * settled. A dead letter that is taken is one no longer; one that is refused again stays, with the new reason.
 */
export function createReplayFeed(job: Extract<Job, { kind: 'replay' }>, options: ReplayOptions): ReplayFeed {
  const { store, clock } = options;
  const { spec } = job;
  let cursor = replayProgress(job);
  let taken: readonly JournalEntry[] = [];

  /** Moves the cursor, once the store has kept it. Rows stay in the journal until the replay is over: see `rewind`. */
  async function advance(next: ReplayCursor): Promise<void> {
    await store.advanceJob(job.stored.id, { cursor: JSON.stringify(next), done: next.sent });
    cursor = next;
  }

  return {
    routes: spec.allRoutes ? compileRoutes(undefined) : options.routes,
    deadLetters: spec.deadLetters,
    after: cursor.position,

    async read(position, maxRows, maxBytes) {
      const entries = spec.deadLetters
        ? (await store.deadLetters(spec.sink, position, Math.min(maxRows, lettersAtOnce))).map(
            ({ entry }) => entry,
          )
        : await store.readJournal(position, maxRows, maxBytes);
      return entries.filter((entry) => entry.position <= spec.through);
    },

    wants: (entry) => concerns(spec, entry),

    async keep({ through, accepted, refused }) {
      if (refused.length > 0) await keepLetters(refused);
      if (spec.deadLetters && accepted.length > 0) {
        await store.removeDeadLetters(
          spec.sink,
          accepted.map(({ position }) => position),
        );
      }
      await advance({
        version: 1,
        position: Math.max(through, cursor.position),
        sent: cursor.sent + accepted.length,
        refused: cursor.refused + refused.length,
      });
      if (spec.deadLetters) taken = [...taken, ...accepted].slice(-lettersRemembered);
    },

    async rewind(position, over) {
      const lost = taken.filter((entry) => entry.position >= position);
      if (lost.length > 0)
        await keepLetters(lost.map((entry) => ({ entry, reason: unconfirmed, atMs: clock.now() })));
      taken = [];
      if (!over) return advance({ ...cursor, position: Math.min(cursor.position, position - 1) });
      const rest: ReplaySpec = { ...spec, after: position - 1 };
      await store.addJob('replay', JSON.stringify(rest), clock.now(), { keepFrom: position });
    },
  };

  async function keepLetters(letters: readonly Omit<DeadLetter, 'sink'>[]): Promise<void> {
    // The sink's offset never moves back, so that 0 leaves it where it is.
    await store.acknowledge(spec.sink, 0, letters);
  }
}

const unconfirmed = 'the connection ended before the receiver had confirmed it: it is sent once more';

function concerns(
  { sources, sinceMs, untilMs }: ReplaySpec,
  { source, acceptedAtMs }: JournalEntry,
): boolean {
  return (
    (sources?.includes(source) ?? true) &&
    acceptedAtMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) &&
    acceptedAtMs < (untilMs ?? Number.POSITIVE_INFINITY)
  );
}
