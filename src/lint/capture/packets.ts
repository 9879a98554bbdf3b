import type { ByteReader } from './byte-reader.ts';

/** A packet as a capture holds it. */
export interface Packet {
  /** Number in the capture, from 1 on, as other readers of captures count. */
  readonly number: number;
  /** When it was captured, ms since 1970; undefined where the capture does not tell. */
  readonly timeMs: number | undefined;
  /** Type of its link layer, a LINKTYPE of the capture formats. */
  readonly linkType: number;
  readonly data: Buffer;
}

/** A capture file that cannot be read on. */
export class BrokenCapture extends Error {}

/** Larger packets exist in no capture that is whole, bytes. */
const maxPacket = 1024 * 1024;

/** Magic numbers of pcap as their bytes stand: byte order, and units of the fraction in a second. */
const pcapMagic: Readonly<Record<string, { readonly little: boolean; readonly perMs: number }>> = {
  a1b2c3d4: { little: false, perMs: 1000 },
  d4c3b2a1: { little: true, perMs: 1000 },
  a1b23c4d: { little: false, perMs: 1_000_000 },
  '4d3cb2a1': { little: true, perMs: 1_000_000 },
};
const pcapngMagic = '0a0d0d0a';

/** True of the first four bytes of a pcap or pcapng file. */
export function isPacketCapture(start: Buffer): boolean {
  const magic = start.toString('hex', 0, 4);
  return magic === pcapngMagic || magic in pcapMagic;
}

/** Gives the packets of a pcap or pcapng file in order. Throws `BrokenCapture` where it is neither, or ends amid one. */
export async function* readPackets(reader: ByteReader): AsyncGenerator<Packet> {
  const magic = (await reader.peek(4)).toString('hex');
  if (magic === pcapngMagic) yield* readPcapng(reader);
  else yield* readPcap(reader, magic);
}

async function* readPcap(reader: ByteReader, magic: string): AsyncGenerator<Packet> {
  const order = pcapMagic[magic];
  const header = await reader.take(24);
  if (order === undefined || header === undefined)
    throw new BrokenCapture('the header of the capture is not whole');
  const read = uint32(order.little);
  const linkType = read(header, 20) & 0xffff;
  for (let number = 1; ; number++) {
    const record = await reader.take(16);
    if (record === undefined) return await refuseRest(reader, number);
    const data = await takePacket(reader, read(record, 8), number);
    const timeMs = read(record, 0) * 1000 + read(record, 4) / order.perMs;
    yield { number, timeMs, linkType, data };
  }
}

async function refuseRest(reader: ByteReader, number: number): Promise<void> {
  if ((await reader.peek(1)).length > 0) throw new BrokenCapture(`the capture ends amid packet ${number}`);
}

async function takePacket(reader: ByteReader, length: number, number: number): Promise<Buffer> {
  if (length > maxPacket) throw new BrokenCapture(`packet ${number} says that it has ${length} bytes`);
  const data = await reader.take(length);
  if (data === undefined) throw new BrokenCapture(`the capture ends amid packet ${number}`);
  return data;
}

interface Interface {
  readonly linkType: number;
  /** Units of its timestamps in a millisecond. */
  readonly perMs: number;
}

/** Blocks of pcapng that are read; others are passed over. */
const block = { section: 0x0a0d0d0a, interface: 1, simple: 3, enhanced: 6 } as const;

async function* readPcapng(reader: ByteReader): AsyncGenerator<Packet> {
  let read = uint32(true);
  let interfaces: Interface[] = [];
  let number = 0;
  for (;;) {
    const start = await reader.peek(12);
    if (start.length === 0) return;
    if (start.length < 12) throw new BrokenCapture('the capture ends amid a block');
    // The type of a section's header reads the same in both byte orders, and its magic tells which it is.
    if (start.toString('hex', 0, 4) === pcapngMagic) read = uint32(start.readUInt32LE(8) === 0x1a2b3c4d);
    const type = read(start, 0);
    const length = read(start, 4);
    if (length < 12 || length % 4 !== 0 || length > maxPacket + 4096) {
      throw new BrokenCapture(`a block behind packet ${number} says that it has ${length} bytes`);
    }
    const whole = await reader.take(length);
    if (whole === undefined)
      throw new BrokenCapture(`the capture ends behind packet ${number}, amid a block`);
    if (type === block.section) interfaces = [];
    else if (type === block.interface) interfaces.push(readInterface(whole, read));
    else if (type === block.enhanced || type === block.simple) {
      yield readBlock(whole, type, interfaces, read, ++number);
    }
  }
}

function readBlock(
  whole: Buffer,
  type: number,
  interfaces: readonly Interface[],
  read: ReadUint32,
  number: number,
): Packet {
  const enhanced = type === block.enhanced;
  const { linkType, perMs } = interfaces[enhanced ? read(whole, 8) : 0] ?? { linkType: -1, perMs: 1000 };
  const start = enhanced ? 28 : 12;
  const captured = enhanced ? read(whole, 20) : Math.min(read(whole, 8), whole.length - 16);
  if (start + captured + 4 > whole.length)
    throw new BrokenCapture(`packet ${number} is longer than its block`);
  const timeMs = enhanced ? (read(whole, 12) * 2 ** 32 + read(whole, 16)) / perMs : undefined;
  return { number, timeMs, linkType, data: whole.subarray(start, start + captured) };
}

/** Option of an interface: the resolution of its timestamps, a power of ten, or of two where the high bit is set. */
const resolutionOption = 9;

function readInterface(whole: Buffer, read: ReadUint32): Interface {
  const little = read === littleEndian;
  const read16 = (at: number) => (little ? whole.readUInt16LE(at) : whole.readUInt16BE(at));
  let perMs = 1000;
  for (let at = 16; at + 8 <= whole.length - 4; ) {
    const code = read16(at);
    const length = read16(at + 2);
    if (code === 0) break;
    if (code === resolutionOption && length >= 1) {
      const resolution = whole.readUInt8(at + 4);
      const perSecond = resolution < 0x80 ? 10 ** resolution : 2 ** (resolution & 0x7f);
      perMs = perSecond / 1000;
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType: read16(8), perMs };
}

type ReadUint32 = (from: Buffer, at: number) => number;

const littleEndian: ReadUint32 = (from, at) => from.readUInt32LE(at);
const bigEndian: ReadUint32 = (from, at) => from.readUInt32BE(at);

function uint32(little: boolean): ReadUint32 {
  return little ? littleEndian : bigEndian;
}
