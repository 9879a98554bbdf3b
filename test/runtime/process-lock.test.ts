import { chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/runtime/process-lock.ts';
import { testFolder } from '../support/connector-config.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
const signal = new AbortController().signal;
const take = (path: string, withinMs = 0) => takeLock(path, { clock, withinMs, signal });

test('one holder at a time has the lock, and who waits gets it after the one before', async () => {
  const path = join(testFolder(), 'lock');
  const first = await take(path);
  expect(first).toBeDefined();
  expect(await take(path, 1000)).toBeUndefined();
  first?.[Symbol.dispose]();
  const second = await take(path);
  expect(second).toBeDefined();
  second?.[Symbol.dispose]();
});

test("what root locks, the folder's owner can lock after it, and nobody else", async () => {
  const path = join(testFolder(), 'lock');
  if (process.getuid?.() === 0) chownSync(dirname(path), 12_345, 23_456);
  const { uid, gid } = statSync(dirname(path));
  const lock = await take(path);
  lock?.[Symbol.dispose]();
  expect(statSync(path)).toMatchObject({ uid, gid });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a lock that cannot be had is an error, not a wait', async () => {
  const folder = testFolder();
  writeFileSync(
    join(folder, 'other'),
    'a file of somebody else, which is no lock of this program at all\n'.repeat(20),
  );
  await expect(take(join(folder, 'other'), 1000)).rejects.toThrow(/not a database/);
  await expect(take(join(folder, 'missing', 'lock'), 1000)).rejects.toThrow();
  expect(existsSync(join(folder, 'missing'))).toBe(false);
  rmSync(folder, { recursive: true });
});
