/**
 * Settles as `step` does, or rejects with the signal's reason as soon as that aborts; `step` itself goes on unheard.
 * Leaves no listener behind, since a signal can outlive millions of steps.
 */
export async function abortable<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  step.catch(() => {});
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([step, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
