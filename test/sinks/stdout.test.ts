import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { StdoutSink } from '../../src/sinks/stdout.ts';
import { payloads, sinkContract } from '../support/sink-contract.ts';

const never = new AbortController().signal;

/** A stream that hands nothing on until it is released. */
function heldStream() {
  const release = Promise.withResolvers<Error | undefined>();
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      release.promise.then((error) => done(error));
    },
  });
  return { stream, release };
}

sinkContract('stdout', {
  async open() {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const sink = new StdoutSink(stream, 'siem');
    return {
      sink,
      async received() {
        await new Promise((resolve) => setImmediate(resolve));
        return Buffer.concat(chunks).toString().trimEnd().split('\n');
      },
      [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    };
  },
  refusedWhileWriting: true,
  async refused() {
    const stream = new PassThrough();
    const sink = new StdoutSink(stream, 'siem');
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
  async silent() {
    const { stream } = heldStream();
    const sink = new StdoutSink(stream, 'siem');
    return { sink, [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose]() };
  },
});

test('a send waits for the stream to hand the lines on', async () => {
  const { stream, release } = heldStream();
  await using sink = new StdoutSink(stream, 'siem');
  let settled = false;
  const sent = sink.send(payloads('a'), never).then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  release.resolve(undefined);
  await sent;
});

test('a broken pipe throws, in this batch and in later ones, and does not end the process', async () => {
  const { stream, release } = heldStream();
  await using sink = new StdoutSink(stream, 'siem');
  const sent = sink.send(payloads('a'), never);
  release.resolve(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  const expected = { code: 'SINK_UNREACHABLE', message: expect.stringContaining('has ended (EPIPE)') };
  await expect(sent).rejects.toMatchObject(expected);
  await expect(sink.send(payloads('b'), never)).rejects.toMatchObject(expected);
  await expect(sink.probe(never)).rejects.toMatchObject(expected);
});

test('a line break in a text starts no second line', async () => {
  const stream = new PassThrough();
  await using sink = new StdoutSink(stream, 'siem');
  await sink.send(payloads('a\nb'), never);
  expect(String(stream.read())).toBe('a b\n');
});

test('disposing leaves the stream open and no listener of the sink', async () => {
  const stream = new PassThrough();
  stream.on('error', () => {});
  const before = stream.listenerCount('error');
  const sink = new StdoutSink(stream, 'siem');
  await sink[Symbol.asyncDispose]();
  expect(stream.listenerCount('error')).toBe(before);
  expect(stream.writable).toBe(true);
});
