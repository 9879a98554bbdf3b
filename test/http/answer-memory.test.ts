import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type AnswerShare, createAnswerMemory } from '../../src/http/answer-memory.ts';
import { readBody, releaseBody } from '../../src/http/read-body.ts';
import { HeldClock } from '../support/held-clock.ts';

const never = new AbortController().signal;
const bounds = { most: 2000, expected: 0, share: undefined };
const settled = () => new Promise(setImmediate);

function bench() {
  const clock = new HeldClock();
  const memory = createAnswerMemory({ budgetBytes: 100, freeBytes: 10, patienceMs: 5000, clock });
  return { clock, memory };
}

/** Grows a share, and tells whether it still waits. */
function growing(share: AnswerShare, bytes: number, signal = never) {
  const state = { waits: true };
  const grown = Promise.resolve(share.grow(bytes, signal)).finally(() => {
    state.waits = false;
  });
  return { grown, waits: () => state.waits };
}

describe('the memory of answers', () => {
  test('lets small answers pass however many there are, and those within the budget', async () => {
    const { memory } = bench();
    for (let index = 0; index < 100; index++) await memory.open().grow(10, never);
    await memory.open().grow(110, never);
  });

  test('lets one at a time go on beyond the budget, and the others when something is given back', async () => {
    const { memory } = bench();
    const [first, second, third] = [memory.open(), memory.open(), memory.open()];
    await first.grow(110, never);
    // The first that wants more than there is goes on, as far as it needs to.
    await second.grow(1000, never);
    await second.grow(1000, never);
    const waiting = growing(third, 50);
    await settled();
    expect(waiting.waits()).toBe(true);
    second.close();
    await waiting.grown;
  });

  test('makes way for the next when the one beyond the budget brings nothing more', async () => {
    const { clock, memory } = bench();
    const [hanging, next] = [memory.open(), memory.open()];
    await hanging.grow(500, never);
    clock.passes = (ms) => {
      clock.nowMs += ms;
      return true;
    };
    await next.grow(500, never);
    // And it waits in its turn, when it comes back to life.
    clock.passes = () => false;
    const late = growing(hanging, 1);
    await settled();
    expect(late.waits()).toBe(true);
    next.close();
    await late.grown;
  });

  test('keeps nobody waiting who is stopped', async () => {
    const { memory } = bench();
    await memory.open().grow(500, never);
    const stop = new AbortController();
    const waiting = growing(memory.open(), 500, stop.signal);
    await settled();
    stop.abort(new Error('stopped'));
    await expect(waiting.grown).rejects.toThrow('stopped');
  });

  test('given back twice, is given back once', async () => {
    const { memory } = bench();
    const share = memory.open();
    await share.grow(110, never);
    share.close();
    share.close();
    await memory.open().grow(110, never);
    await memory.open().grow(500, never);
    const waiting = growing(memory.open(), 20);
    await settled();
    expect(waiting.waits()).toBe(true);
  });
});

describe('a body', () => {
  test('is read no further while there is no memory for it', async () => {
    const { memory } = bench();
    const holder = memory.open();
    await holder.grow(500, never);
    let taken = 0;
    const body = Readable.from(
      (function* () {
        for (; taken < 50; taken++) yield Buffer.alloc(20, 65);
      })(),
      { objectMode: false, highWaterMark: 20 },
    );
    const reading = readBody(body, { ...bounds, share: memory.open() }, never);
    await settled();
    expect(taken).toBeLessThan(5);
    holder.close();
    expect(Buffer.from(await reading).toString()).toBe('A'.repeat(1000));
  });

  test('that is not wanted any more ends at once, also while it hangs', async () => {
    const body = new Readable({ read() {} });
    const stop = new AbortController();
    const reading = readBody(body, bounds, stop.signal);
    stop.abort();
    await expect(reading).rejects.toThrow('not wanted');
    expect(body.destroyed).toBe(true);
  });
});

describe.each([
  ['not known', 0],
  ['known', 450],
  ['known of what it was before it was unpacked', 40],
  ['a lie', 2 ** 40],
  ['no number', Number.NaN],
])('a body whose length is %s', (_case, expected) => {
  test.each([1, 3, 7, 450])('is the same however its bytes are cut: by %d', async (size) => {
    const bytes = Buffer.from('é€😀'.repeat(50));
    const body = Readable.from(piecesOf(bytes, size), { objectMode: false });
    expect(Buffer.from(await readBody(body, { ...bounds, expected }, never))).toEqual(bytes);
  });

  test('is not taken when it is too large', async () => {
    const body = Readable.from(piecesOf(Buffer.alloc(2001), 100), { objectMode: false });
    await expect(readBody(body, { ...bounds, expected }, never)).rejects.toThrow('larger than 2000 bytes');
    expect(body.destroyed).toBe(true);
  });
});

test('a body of many pieces gives its memory back at once', async () => {
  const body = Readable.from(piecesOf(Buffer.alloc(2000, 65), 100), { objectMode: false });
  const read = await readBody(body, bounds, never);
  expect([read.length, read.buffer.byteLength <= 2000]).toEqual([2000, true]);
  releaseBody(read);
  expect([read.length, read.buffer.byteLength]).toEqual([0, 0]);
});

test('a body of nothing', async () => {
  const read = await readBody(Readable.from([], { objectMode: false }), bounds, never);
  expect(read.length).toBe(0);
});

function piecesOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
