import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { error } from '../text.ts';
import { ByteReader } from './byte-reader.ts';
import { type Captured, remark } from './captured.ts';
import { Connections } from './connections.ts';
import { BrokenCapture, isPacketCapture, readPackets } from './packets.ts';
import { MessageStream } from './stream.ts';

/**
 * Gives the messages of a file as they are met: lines of text, a stream with RFC 6587's framing or RELP's, requests of
 * HTTP, or the packets of a pcap or pcapng file; compressed by gzip or not. Memory is bounded, whatever its size.
 */
export async function* readCapture(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Captured> {
  const reader = new ByteReader(chunks);
  const start = await reader.peek(4);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    yield* readCapture(Readable.from(reader.rest()).compose(createGunzip()));
  } else if (isPacketCapture(start)) yield* fromPackets(reader);
  else yield* fromStream(reader);
}

async function* fromStream(reader: ByteReader): AsyncGenerator<Captured> {
  const given: Captured[] = [];
  const stream = new MessageStream({ isFile: true, isWhole: true }, (captured) => given.push(captured));
  for await (const chunk of reader.rest()) {
    stream.bytes(chunk, '');
    yield* given.splice(0);
  }
  stream.end();
  yield* given.splice(0);
}

async function* fromPackets(reader: ByteReader): AsyncGenerator<Captured> {
  const given: Captured[] = [];
  const connections = new Connections((captured) => given.push(captured));
  try {
    for await (const packet of readPackets(reader)) {
      connections.add(packet);
      yield* given.splice(0);
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenCapture)) throw thrown;
    given.push(remark('capture', error(undefined, 'capture', thrown.message)));
  }
  connections.end();
  yield* given.splice(0);
}
