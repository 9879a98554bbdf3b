import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBody } from '../../src/http/read-body.ts';
import { unpacked } from '../../src/http/unpack.ts';

const text = '{"value":[]}'.repeat(50_000);
const bounds = { most: 2 ** 20, expected: 0, share: undefined };

async function textOf(packed: Buffer, encoding: string | undefined): Promise<string> {
  const body = unpacked(Readable.from([packed], { objectMode: false }), encoding);
  return Buffer.from(await readBody(body, bounds, new AbortController().signal)).toString();
}

test.each([
  ['gzip', gzipSync(text)],
  ['X-GZIP', gzipSync(text)],
  ['deflate', deflateSync(text)],
  [undefined, Buffer.from(text)],
  ['identity', Buffer.from(text)],
])('a body in %s comes as it was', async (encoding, packed) => {
  expect(await textOf(packed, encoding)).toBe(text);
});

test('what is not what it says is refused', async () => {
  await expect(textOf(Buffer.from(text), 'gzip')).rejects.toThrow('header');
});

test('of one that was cut short what is there comes, and of nothing nothing', async () => {
  const packed = gzipSync(text);
  const begun = await textOf(packed.subarray(0, packed.length - 100), 'gzip');
  expect(text.startsWith(begun) && begun.length > 0).toBe(true);
  expect(await textOf(Buffer.alloc(0), 'gzip')).toBe('');
});

test('an encoding that was not asked for stays', async () => {
  const packed = brotliCompressSync('{}');
  expect(await textOf(packed, 'br')).toBe(packed.toString());
});

test('the failure of a connection is met by who reads', async () => {
  const body = new Readable({ read() {} });
  const read = readBody(unpacked(body, 'gzip'), bounds, new AbortController().signal);
  body.destroy(new Error('aborted'));
  await expect(read).rejects.toThrow('aborted');
});
