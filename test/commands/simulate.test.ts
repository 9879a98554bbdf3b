import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startInProcess } from '../support/in-process.ts';

/** What `simulate` prints as a configuration, with these options. */
async function printed(...options: readonly string[]): Promise<{ tenants: Record<string, unknown>[] }> {
  const lines: string[] = [];
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  const running = startInProcess(['simulate', '--port', '0', '--history', '0', ...options], {
    out: (line) => lines.push(line),
    err: () => resolve(),
  });
  await Promise.race([listening, running.ended]);
  running.send('SIGTERM');
  expect((await running.ended).code).toBe(0);
  return parse(lines.join('\n'));
}

test('simulate prints a configuration with its ready-made application, and --empty one without any', async () => {
  const [ready] = (await printed()).tenants;
  expect(ready).toMatchObject({ name: 'simulated', auth: { clientId: expect.any(String) } });
  const [empty] = (await printed('--empty')).tenants;
  expect(empty).toMatchObject({ name: 'simulated', id: expect.any(String) });
  expect(empty).not.toHaveProperty('auth');
});
