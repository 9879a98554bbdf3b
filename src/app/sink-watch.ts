import { messageOf } from '../errors.ts';
import { durationText } from '../fields/duration.ts';
import type { Store } from '../store/store.ts';
import type { AppContext } from './context.ts';

/** A sink that has failed for this long is a blind spot, ms. */
const toleratedFailureMs = 5 * 60_000;
/** How often is looked whether dead letters are still there, ms. */
const lookEveryMs = 60_000;

/** Tells of a sink's blind spots: that it takes no events, and that it has refused some for good. */
export interface SinkWatch {
  /** It has failed for so long. */
  failing(ms: number, reason: string): void;
  /** It has taken events. */
  took(): void;
  /** It has refused events for good. */
  refused(): void;
}

/** Makes the watch of a sink. What an earlier process told of it is taken back once it no longer holds. */
export function createSinkWatch(
  sink: string,
  context: Pick<AppContext, 'clock' | 'log' | 'blindSpots'> & { readonly store: Pick<Store, 'deadLetters'> },
): SinkWatch {
  const { store, clock, log, blindSpots } = context;
  const subject = { sink };
  let well = false;
  /** False when nothing is to be taken back. */
  let letters = true;
  let lookedMs = Number.NEGATIVE_INFINITY;

  return {
    failing(ms, reason) {
      if (ms < toleratedFailureMs) return;
      well = false;
      const span = durationText(ms);
      blindSpots.open('sink-failing', subject, `sink ${sink} has taken no events for ${span}: ${reason}`);
    },
    took() {
      if (!well) blindSpots.close('sink-failing', subject);
      well = true;
      if (!letters || Math.abs(clock.now() - lookedMs) < lookEveryMs) return;
      lookedMs = clock.now();
      look().catch((error: unknown) => {
        log.debug({ sink, reason: messageOf(error) }, 'the store did not tell of dead letters');
      });
    },
    refused() {
      letters = true;
      // A look that began before must not take this back.
      lookedMs = clock.now();
      tell();
    },
  };

  async function look(): Promise<void> {
    const startedMs = lookedMs;
    const kept = await store.deadLetters(sink, 0, 1);
    if (kept.length > 0) tell();
    else if (lookedMs === startedMs) {
      letters = false;
      blindSpots.close('dead-letters', subject);
    }
  }

  function tell(): void {
    blindSpots.open(
      'dead-letters',
      subject,
      `sink ${sink} has refused events for good: mend the cause that \`defender-siem status\` names, then \`defender-siem replay --dead-letters --sink ${sink}\` sends them again`,
    );
  }
}
