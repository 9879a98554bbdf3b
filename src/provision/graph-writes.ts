import {
  callGraph,
  type GraphCall,
  type GraphCallOptions,
  isUnknownYet,
  pauseMs,
  UnsureWrite,
} from './graph-call.ts';

/** How long is looked for what a write without an answer may have made, ms. */
const lookMs = 30_000;
/** How often such a write is made in all. */
const writes = 3;
/** What was deleted may be told as missing by a part of the directory that does not know it yet, ms. */
const deletionMs = 10_000;

/** Resolves with what `look` finds, asking again for half a minute; undefined when it never does. */
export async function lookFor<T>(
  { clock, signal }: Pick<GraphCallOptions, 'clock' | 'signal'>,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let waitedMs = 0;
  for (let tries = 0; ; tries++) {
    const found = await look();
    if (found !== undefined || waitedMs >= lookMs) return found;
    waitedMs += pauseMs(tries);
    await clock.sleep(pauseMs(tries), signal);
    signal.throwIfAborted();
  }
}

/**
 * Makes a write that must not be made twice. Where its end is not known, `look` says whether it took effect: what it
 * finds is the result; undefined has the write made again, three times in all. Throws as `callGraph` does.
 */
export async function makeOnce<T>(
  options: GraphCallOptions,
  make: () => Promise<T>,
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof UnsureWrite)) throw error;
      const made = await look();
      if (made !== undefined) return made;
      if (tries === writes) throw error.failure;
      await options.clock.sleep(pauseMs(tries), options.signal);
      options.signal.throwIfAborted();
    }
  }
}

/** Deletes. What is gone already is fine, but one part of the directory that does not know it proves nothing. */
export async function deleteObject(
  options: GraphCallOptions,
  call: Pick<GraphCall, 'path' | 'doing' | 'takes'>,
): Promise<void> {
  let waitedMs = 0;
  for (let tries = 0; ; tries++) {
    const { error } = await callGraph(options, { ...call, method: 'DELETE', handles: isUnknownYet });
    if (error === undefined || waitedMs >= deletionMs) return;
    waitedMs += pauseMs(tries);
    await options.clock.sleep(pauseMs(tries), options.signal);
    options.signal.throwIfAborted();
  }
}
