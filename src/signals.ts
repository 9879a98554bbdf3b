/** Ends of the process that nothing holds up. */
export interface EndLimits {
  /** After the first SIGTERM or SIGINT, ms. */
  readonly ms: number;
  /** After a second one, ms. */
  readonly hurriedMs: number;
}

/** What the signals that this process is sent come to. */
export interface Signals {
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  /** Aborts at a second one; at a third the system ends the process. */
  readonly hurry: AbortSignal;
  /** From now on the process ends so long after the signal to stop, whatever still hangs then. The latest call counts. */
  endAfterStop(limits: EndLimits): void;
}

/** A launcher often passes on a signal that the terminal sent to both: that is one request, not two, ms. */
const sameRequestMs = 1000;
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
  let stoppedMs = 0;
  let hurriedMs = Number.POSITIVE_INFINITY;
  let lastResort: NodeJS.Timeout | undefined;

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
      stoppedMs = nowMs;
      stop.abort();
    } else if (nowMs - stoppedMs > sameRequestMs) {
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
