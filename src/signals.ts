/** Why `Signals.stop` has aborted. */
export class StopRequest extends Error {
  override readonly name = 'AbortError';
  /** How long ago the signal came at the most, ms: a process that is at work hears it only when that is done. */
  readonly passedMs: number;

  constructor(passedMs: number) {
    super('asked to stop');
    this.passedMs = passedMs;
  }
}

/** Ends of the process that nothing holds up. */
export interface EndLimits {
  /** After the first SIGTERM or SIGINT, ms. */
  readonly ms: number;
  /** After a second one, ms. */
  readonly hurriedMs: number;
}

/** What the signals that this process is sent come to. */
export interface Signals {
  /** Aborts at the first SIGTERM or SIGINT, with a `StopRequest` for a reason. */
  readonly stop: AbortSignal;
  /** Aborts at a second one; at a third the system ends the process. */
  readonly hurry: AbortSignal;
  /** From now on the process ends so long after the signal to stop, whatever still hangs then. The latest call counts. */
  endAfterStop(limits: EndLimits): void;
}

/** A launcher often passes on a signal that the terminal sent to both: that is one request, not two, ms. */
const sameRequestMs = 1000;
/** How often it is noted how much the event loop has worked, ms. */
const noteEveryMs = 100;
/** The longest wait that Node's timers take, ms. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Listens for SIGTERM and SIGINT. With `atOnce` they end the process at once, with exit code 0, until `endAfterStop` is
 * called: nothing has begun by then. Without it nothing ends but what sees its signal abort.
 */
export function listenForStop({ atOnce }: { readonly atOnce: boolean }): Signals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let limits: EndLimits | undefined = atOnce ? { ms: 0, hurriedMs: 0 } : undefined;
  let heardMs = 0;
  let stoppedMs = 0;
  let hurriedMs = Number.POSITIVE_INFINITY;
  let lastResort: NodeJS.Timeout | undefined;
  const deafMs = measureDeafness();

  // What the store was told is on the disk, and what it was not told is done again: it can be left at any moment.
  const end = () => process.exit(process.exitCode ?? 0);
  const limit = () => {
    if (limits === undefined || !stop.signal.aborted) return;
    clearTimeout(lastResort);
    const endMs = Math.min(stoppedMs + limits.ms, hurriedMs + limits.hurriedMs);
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) end();
    lastResort = setTimeout(end, Math.min(leftMs, longestTimerMs)).unref();
  };
  const onSignal = () => {
    const nowMs = performance.now();
    if (!stop.signal.aborted) {
      const passedMs = deafMs();
      heardMs = nowMs;
      stoppedMs = nowMs - passedMs;
      stop.abort(new StopRequest(passedMs));
    } else if (nowMs - heardMs > sameRequestMs) {
      hurriedMs = nowMs;
      hurry.abort();
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    }
    limit();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    endAfterStop(given) {
      limits = given;
      limit();
    },
  };
}

/**
 * Returns how long ago a signal that is heard now can have come, ms: no longer than the event loop has worked since it
 * last looked for signals. It looks in each of its turns, and in each turn timers fire once at most: so it has looked
 * since the last note but one.
 */
function measureDeafness(): () => number {
  const workedMs = () => performance.eventLoopUtilization().active;
  let lastNoteMs = workedMs();
  let noteBeforeMs = lastNoteMs;
  setInterval(() => {
    noteBeforeMs = lastNoteMs;
    lastNoteMs = workedMs();
  }, noteEveryMs).unref();
  return () => Math.max(0, workedMs() - noteBeforeMs);
}

/** Listens for SIGHUP; returns how one is told of each, and of one that came before. */
export function listenForReload(): (callback: () => void) => void {
  const callbacks: (() => void)[] = [];
  let early = false;
  process.on('SIGHUP', () => {
    early ||= callbacks.length === 0;
    for (const callback of callbacks) callback();
  });
  return (callback) => {
    callbacks.push(callback);
    if (early) callback();
    early = false;
  };
}
