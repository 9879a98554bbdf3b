import type { SecurityEvent } from '../event.ts';

/** Returns the function, which for one event after the other works each result out once, however many rows ask for it. */
export function oncePerEvent<Result>(
  find: (event: SecurityEvent) => Result,
): (event: SecurityEvent) => Result {
  let known: { readonly event: WeakRef<SecurityEvent>; readonly result: Result } | undefined;
  return (event) => {
    if (known?.event.deref() === event) return known.result;
    const result = find(event);
    known = { event: new WeakRef(event), result };
    return result;
  };
}
