import type { SecurityEvent } from '../event.ts';

/**
 * Returns the function, which for one event after the other works each result out once, however many rows ask for it. It
 * holds on to the last event: letting go of it by a `WeakRef` costs more than what most functions work out.
 */
export function oncePerEvent<Result>(
  find: (event: SecurityEvent) => Result,
): (event: SecurityEvent) => Result {
  let known: { readonly event: SecurityEvent; readonly result: Result } | undefined;
  return (event) => {
    if (known?.event !== event) known = { event, result: find(event) };
    return known.result;
  };
}
