import { type Clock, elapsedMs } from '../runtime/clock.ts';

/** How much memory all answers take that are on their way. Sizes are bytes, times milliseconds. */
export interface AnswerMemoryOptions {
  /** All answers together, beside what is free. */
  readonly budgetBytes: number;
  /** So much of each answer is not counted: a small one never waits. */
  readonly freeBytes: number;
  /** Who goes on beyond the budget and brings nothing for so long makes way for the next. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

/** What one answer takes. */
export interface AnswerShare {
  /**
   * Counts so many further bytes, which are here already. Undefined when more may be read at once; else it resolves when
   * more may be read, and rejects with the signal's reason.
   */
  grow(bytes: number, signal: AbortSignal): Promise<void> | undefined;
  /** Gives all of it back. */
  close(): void;
}

/** Bounds the memory of the answers that a process reads at the same time. */
export interface AnswerMemory {
  open(): AnswerShare;
}

/**
 * Makes the memory of one process. While it is used up, large answers wait in the network, and one at a time goes on
 * beyond the budget, so that there is always one that comes to its end: never one that hangs, which makes way.
 */
export function createAnswerMemory(options: AnswerMemoryOptions): AnswerMemory {
  const { budgetBytes, freeBytes, patienceMs, clock } = options;
  const waiting = new Set<() => void>();
  let used = 0;
  let beyond: { readonly share: AnswerShare; grewAt: number } | undefined;

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }

  /** True when the share may count so many bytes more, if need be beyond the budget. */
  function admits(share: AnswerShare, bytes: number): boolean {
    const now = elapsedMs(clock);
    if (beyond?.share === share) beyond.grewAt = now;
    else if (used + bytes > budgetBytes) {
      if (beyond !== undefined && now - beyond.grewAt < patienceMs) return false;
      beyond = { share, grewAt: now };
    }
    return true;
  }

  /** Resolves when something was given back, or patience may be over. */
  async function change(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await clock.sleep(patienceMs, woken.signal);
    waiting.delete(wake);
    signal.removeEventListener('abort', wake);
    signal.throwIfAborted();
  }

  return {
    open() {
      let size = 0;
      let counted = 0;
      const count = (bytes: number) => {
        counted += bytes;
        used += bytes;
      };
      const waitFor = async (bytes: number, signal: AbortSignal) => {
        while (!admits(share, bytes)) await change(signal);
        count(bytes);
      };
      const share: AnswerShare = {
        grow(bytes, signal) {
          size += bytes;
          const more = Math.max(0, size - freeBytes) - counted;
          if (more <= 0) return undefined;
          if (!admits(share, more)) return waitFor(more, signal);
          count(more);
          return undefined;
        },
        close() {
          used -= counted;
          counted = 0;
          if (beyond?.share === share) beyond = undefined;
          wakeAll();
        },
      };
      return share;
    },
  };
}
