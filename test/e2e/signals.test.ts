import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('what a process has worked before it hears a signal counts from its grace', async () => {
  const workedMs = 300;
  const script = `
    import { listenForStop } from ${JSON.stringify(new URL('../../src/signals.ts', import.meta.url).href)};
    const { stop } = listenForStop({ atOnce: false });
    const waiting = setTimeout(() => {}, 60_000);
    stop.addEventListener('abort', () => {
      process.stdout.write(String(stop.reason.passedMs));
      clearTimeout(waiting);
    });
    setTimeout(() => {
      const until = performance.now() + ${workedMs};
      process.kill(process.pid, 'SIGTERM');
      while (performance.now() < until);
    }, 20);`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  expect(Number(stdout)).toBeGreaterThanOrEqual(workedMs);
});
