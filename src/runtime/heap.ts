import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 to collect garbage before it asks the system for more: what lives at a time is one page and one batch, and
 * V8 would let a backlog's garbage grow to several hundred megabytes. Costs some CPU time. Call it before the work
 * begins: the flags are read at each collection.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
}
