import { createTask, type ScheduledTask } from 'node-cron';
import { type Clock, elapsedMs } from '../runtime/clock.ts';

/** Who listens to a heartbeat. */
export interface Listener {
  /** Called once a second. */
  onBeat?(): void;
  /** Called when the clock was set, with what it would show otherwise, ms since 1970. */
  onStep?(beforeMs: number): void;
}

/** One beat a second for all schedules of a process: hundreds of timers of their own would cost more than what they time. */
export interface Heartbeat {
  /** Adds a listener; the function that is returned removes it, and resolves when the last beat for it is over. */
  listen(listener: Listener): () => Promise<void>;
}

/** A clock that differs by this from what it should show was set, ms. */
const toleratedStepMs = 500;
const everySecond = '* * * * * *';

/** Returns a heartbeat that beats while somebody listens. */
export function createHeartbeat(clock: Clock): Heartbeat {
  const listeners = new Set<Listener>();
  let stop: (() => Promise<void>) | undefined;

  function start(): () => Promise<void> {
    const beat = () => {
      for (const listener of [...listeners]) listener.onBeat?.();
    };
    const task = createTask(everySecond, beat, { timezone: 'UTC', suppressMissedWarning: true });
    task.on('execution:missed', beat);
    let over = false;
    const started = Promise.resolve(task.start());
    const guard = watchForSteps(clock, (beforeMs) => {
      for (const listener of [...listeners]) listener.onStep?.(beforeMs);
      void restart(task, () => over);
    });
    return async () => {
      over = true;
      clearInterval(guard);
      await started;
      await task.destroy();
    };
  }

  return {
    listen(listener) {
      listeners.add(listener);
      stop ??= start();
      return async () => {
        listeners.delete(listener);
        if (listeners.size > 0 || stop === undefined) return;
        const ending = stop;
        stop = undefined;
        await ending();
      };
    },
  };
}

/**
 * Lets a task wait anew. node-cron waits out the time it had reckoned with: after the clock was set back by an hour it
 * would wait for one, and set ahead, it would come an hour late.
 */
export async function restart(task: ScheduledTask, isOver: () => boolean): Promise<void> {
  await task.stop();
  if (!isOver()) await task.start();
}

/** Tells when the clock was set, and what it would show otherwise. */
function watchForSteps(clock: Clock, onStep: (beforeMs: number) => void): NodeJS.Timeout {
  let lastMs = clock.now();
  let last = elapsedMs(clock);
  const guard = setInterval(() => {
    const [nowMs, now] = [clock.now(), elapsedMs(clock)];
    const expectedMs = lastMs + (now - last);
    [lastMs, last] = [nowMs, now];
    if (Math.abs(nowMs - expectedMs) > toleratedStepMs) onStep(expectedMs);
  }, 1000);
  return guard.unref();
}
