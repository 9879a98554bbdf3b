import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instantOf } from '../../src/fields/instant.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { JournalEntry, Store } from '../../src/store/store.ts';
import { page, record, startMs } from '../support/store-contract.ts';
import { storePlace } from '../support/store-place.ts';

const program = fileURLToPath(new URL('writer-process.ts', import.meta.url));
const rows = 100;
let place: ReturnType<typeof storePlace>;
beforeEach(() => {
  place = storePlace();
});
afterEach(() => place[Symbol.dispose]());

/** Starts a writer and kills it just after it said that page `last` was accepted: amid the next. */
async function writeAndKill(first: number, last: number): Promise<number> {
  const child = spawn(process.execPath, [program, place.path, String(first), String(rows)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let accepted = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('accepted ')) accepted = Number(line.slice(9));
    if (accepted >= last) child.kill('SIGKILL');
  }
  await exited;
  return accepted;
}

async function wholeJournal(store: Store): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (let position = 0; ; position = all.at(-1)?.position ?? 0) {
    const entries = await store.readJournal(position, 1000, 1e7);
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

test('a process killed while it accepts leaves each page whole or not at all, and no answered page out', async () => {
  let next = 0;
  for (const pages of [1, 2, 5, 9]) {
    const answered = await writeAndKill(next, next + pages - 1);
    const store = openSqliteStore(place.path);
    const byPage = new Map<number, number>();
    for (const { id } of await wholeJournal(store)) {
      const number = Number(id.split('-')[0]);
      byPage.set(number, (byPage.get(number) ?? 0) + 1);
    }
    const stored = [...byPage.keys()];
    expect(stored).toEqual(stored.map((_, i) => i));
    expect([...byPage.values()].every((count) => count === rows)).toBe(true);
    expect(stored.length).toBeGreaterThan(answered);

    const last = stored.length - 1;
    expect(await store.watermark('alerts')).toBe(instantOf(startMs + last * 1000));
    expect((await store.progress()).sources[0]?.accepted).toBe(stored.length * rows);
    const again = Array.from({ length: rows }, (_, i) => record(`${last}-${i}`));
    expect(await store.accept(page(again))).toEqual({ accepted: 0, repeated: rows });
    await store[Symbol.asyncDispose]();
    next = stored.length;
  }
});

test('a disk that refuses to grow stops a page whole; the store opens again with all that was answered', async () => {
  // A limit on file size (in units of 512 or 1024 bytes, by shell) makes writes fail as a full disk does.
  const child: ChildProcess = spawn(
    'sh',
    ['-c', `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`, process.execPath, program, place.path, '0', '100'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.stdout === null) throw new Error('no output');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const answered = lines.filter((line) => line.startsWith('accepted ')).length;
  expect(lines.filter((line) => line.startsWith(`store ${place.path}: the disk`))).toHaveLength(1);

  const store = openSqliteStore(place.path);
  expect(await wholeJournal(store)).toHaveLength(answered * rows);
  expect(await store.accept(page([record('after')]))).toEqual({ accepted: 1, repeated: 0 });
  await store[Symbol.asyncDispose]();
});

test('a second process is refused while the first lives, told whom to stop, and let in once it was killed', async () => {
  const child = spawn(process.execPath, [program, place.path, '0', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let refusal: unknown;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'open' || refusal !== undefined) continue;
    try {
      openSqliteStore(place.path);
    } catch (error) {
      refusal = error;
    }
    child.kill('SIGKILL');
  }
  await exited;
  expect(refusal).toMatchObject({
    code: 'STORE_UNUSABLE',
    message: expect.stringMatching(new RegExp(`process ${child.pid} on .* is using it; stop that one first`)),
  });
  const store = openSqliteStore(place.path);
  expect(await store.offset('one')).toBe(0);
  await store[Symbol.asyncDispose]();
});
