import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { file } from '../../src/sinks/file.ts';
import { HeldClock } from '../support/held-clock.ts';
import { payloads, sinkContext, sinkContract } from '../support/sink-contract.ts';

const never = new AbortController().signal;
const root = mkdtempSync(join(tmpdir(), 'file-sink-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

/** Returns a path in a folder of its own, which does not exist yet. */
function newPath(): string {
  folders += 1;
  return join(root, String(folders), 'deep', 'alerts.log');
}

function fileSink(path: string, rotate?: object, facts: object = {}) {
  return file.create(
    file.options.parse({ path, ...(rotate === undefined ? {} : { rotate }) }),
    sinkContext(facts),
  );
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function rotated(path: string): string[] {
  return readdirSync(join(path, '..'))
    .filter((name) => name !== 'alerts.log')
    .sort();
}

sinkContract('file', {
  async open() {
    const path = newPath();
    const sink = fileSink(path);
    return {
      sink,
      received: async () => lines(path),
      [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    };
  },
  async refused() {
    const path = newPath();
    mkdirSync(path, { recursive: true });
    const sink = fileSink(path);
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
});

test('the file is made with its folders, readable for the group and nobody else', async () => {
  const path = newPath();
  await using sink = fileSink(path);
  await sink.send(payloads('a'), never);
  expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
});

test('what was there stays', async () => {
  const path = newPath();
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'old\n');
  await using sink = fileSink(path);
  await sink.send(payloads('new'), never);
  expect(lines(path)).toEqual(['old', 'new']);
});

test('a line break in a text starts no second line', async () => {
  const path = newPath();
  await using sink = fileSink(path);
  await sink.send(payloads('a\r\nb\u2028c'), never);
  expect(lines(path)).toEqual(['a b c']);
});

describe('after a crash', () => {
  test.each([
    ['a half line behind whole ones', 'one\ntwo\nthr', 'one\ntwo\n'],
    ['nothing but a half line', 'on', ''],
    ['a half line longer than one look', `one\n${'x'.repeat(200_000)}`, 'one\n'],
    ['a line end exactly where a look begins', `one\n${'x'.repeat(65_536)}`, 'one\n'],
    ['whole lines only', 'one\ntwo\n', 'one\ntwo\n'],
    ['an empty file', '', ''],
  ])('%s', async (_case, left, kept) => {
    const path = newPath();
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, left);
    const warn = vi.fn();
    await using sink = fileSink(path, undefined, { log: { ...silentLog, warn } });
    await sink.send(payloads('next'), never);
    expect(readFileSync(path, 'utf8')).toBe(`${kept}next\n`);
    expect(warn.mock.calls.length).toBe(left === kept ? 0 : 1);
  });

  test('any cut of a batch leaves whole lines only, once the batch came again', async () => {
    const path = newPath();
    await using first = fileSink(path);
    await first.send(payloads('é😀', 'zwei'), never);
    const whole = statSync(path).size;
    for (let length = whole; length >= 0; length--) {
      truncateSync(path, length);
      await using sink = fileSink(path);
      await sink.send(payloads('again'), never);
      for (const line of lines(path)) expect(['é😀', 'zwei', 'again']).toContain(line);
      writeFileSync(path, 'é😀\nzwei\n');
    }
  });

  test('a file without any line end, larger than a line of ours, is left alone', async () => {
    const path = newPath();
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    truncateSync(path, 70 * 2 ** 20);
    await using sink = fileSink(path);
    await expect(sink.send(payloads('a'), never)).rejects.toThrow(/another file/);
    expect(statSync(path).size).toBe(70 * 2 ** 20);
  });
});

describe('when another program takes the file away', () => {
  test('a moved file is left, and a new one is begun', async () => {
    const path = newPath();
    await using sink = fileSink(path);
    await sink.send(payloads('a'), never);
    renameSync(path, `${path}.1`);
    await sink.send(payloads('b'), never);
    expect([lines(`${path}.1`), lines(path)]).toEqual([['a'], ['b']]);
  });
  test('a deleted file is made anew', async () => {
    const path = newPath();
    await using sink = fileSink(path);
    await sink.send(payloads('a'), never);
    rmSync(path);
    await sink.send(payloads('b'), never);
    expect(lines(path)).toEqual(['b']);
  });
});

describe('rotation', () => {
  test('by size: a batch is never split, and no file grows beyond the size', async () => {
    const path = newPath();
    await using sink = fileSink(path, { size: 8 });
    for (const text of ['aaa', 'bbb', 'ccc', 'far too long']) await sink.send(payloads(text), never);
    const files = [...rotated(path).map((name) => join(path, '..', name)), path];
    expect(files.map(lines)).toEqual([['aaa', 'bbb'], ['ccc'], ['far too long']]);
    expect(rotated(path)).toEqual(['alerts.log.20261103T080000000Z', 'alerts.log.20261103T080000000Z-2']);
  });

  test('by time: a new file each span, by the clock that was handed in', async () => {
    const path = newPath();
    const clock = new HeldClock(undefined, Date.UTC(2030, 0, 1, 22));
    await using sink = fileSink(path, { every: '1d' }, { clock });
    for (const text of ['a', 'b', 'c', 'd']) {
      await sink.send(payloads(text), never);
      clock.nowMs += 90 * 60_000;
    }
    const [first] = rotated(path);
    expect(first).toBe('alerts.log.20300102T010000000Z');
    expect([lines(join(path, '..', first ?? '')), lines(path)]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('by time: a span that ended while the program was down counts', async () => {
    const path = newPath();
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'yesterday\n');
    utimesSync(path, Date.UTC(2026, 10, 2) / 1000, Date.UTC(2026, 10, 2) / 1000);
    await using sink = fileSink(path, { every: '1d' });
    await sink.send(payloads('today'), never);
    expect(lines(path)).toEqual(['today']);
    expect(rotated(path)).toHaveLength(1);
  });

  test('keeps the newest, and touches no file that is not its own', async () => {
    const path = newPath();
    await using sink = fileSink(path, { size: 1, keep: 2 });
    await sink.probe(never);
    writeFileSync(`${path}.bak`, 'mine');
    for (let number = 1; number <= 13; number++) await sink.send(payloads(String(number)), never);
    const kept = rotated(path).filter((name) => name !== 'alerts.log.bak');
    const texts = kept.flatMap((name) => lines(join(path, '..', name)));
    expect(texts.sort()).toEqual(['11', '12']);
    expect(existsSync(`${path}.bak`)).toBe(true);
  });

  test('compresses, also what a crash left', async () => {
    const path = newPath();
    await using sink = fileSink(path, { size: 1, gzip: true });
    await sink.probe(never);
    writeFileSync(`${path}.20200101T000000000Z`, 'left\n');
    writeFileSync(`${path}.20200101T000000000Z.gz.part`, 'half');
    await sink.send(payloads('a'), never);
    await sink.send(payloads('b'), never);
    expect(rotated(path)).toEqual(['alerts.log.20200101T000000000Z.gz', 'alerts.log.20261103T080000000Z.gz']);
    const texts = rotated(path).map((name) => gunzipSync(readFileSync(join(path, '..', name))).toString());
    expect(texts).toEqual(['left\n', 'a\n']);
  });
});

test('a full disk is told', async () => {
  await using sink = fileSink('/dev/full');
  await expect(sink.send(payloads('a'), never)).rejects.toMatchObject({
    code: 'SINK_UNREACHABLE',
    message: expect.stringContaining('the disk is full'),
  });
});

test.each([
  ['an empty path', { path: '' }],
  ['a rotation size of zero', { path: 'a', rotate: { size: 0 } }],
  ['a span of zero', { path: 'a', rotate: { every: '0s' } }],
  ['an unknown option', { path: 'a', colour: 'blue' }],
])('the schema refuses %s', (_case, options) => {
  expect(file.options.safeParse(options).success).toBe(false);
});

test('a file that grew behind our back keeps what others wrote', async () => {
  const path = newPath();
  await using sink = fileSink(path);
  await sink.send(payloads('a'), never);
  appendFileSync(path, 'theirs\n');
  await sink.send(payloads('b'), never);
  expect(lines(path)).toEqual(['a', 'theirs', 'b']);
});
