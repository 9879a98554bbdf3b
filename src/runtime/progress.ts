import type { Telemetry } from './telemetry.ts';

const everyMs = 500;

/**
 * Shows one line of running totals on standard error while long work is under way, on a terminal only. Returns the
 * function that ends it and clears the line.
 */
export function showProgress(telemetry: Telemetry, terminal: boolean): () => void {
  if (!terminal) return () => {};
  const draw = () => process.stderr.write(`\r\x1b[2K${telemetry.summary()}`);
  const timer = setInterval(draw, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[2K');
  };
}
