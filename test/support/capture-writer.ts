import { isIPv6 } from 'node:net';

/** Link layers that a packet can be written on. */
export type LinkLayer = 'ethernet' | 'vlan' | 'cooked' | 'cooked2' | 'raw' | 'loopback';

const linkTypes: Readonly<Record<LinkLayer, number>> = {
  ethernet: 1,
  vlan: 1,
  cooked: 113,
  cooked2: 276,
  raw: 101,
  loopback: 0,
};

/** Both ends of a flow. */
export interface Flow {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** A flow over IPv4. */
export const flow: Flow = {
  source: '10.0.0.1',
  sourcePort: 40_000,
  destination: '10.0.0.2',
  destinationPort: 514,
};

/** Returns an IP packet with a datagram of UDP. */
export function udpPacket(payload: Uint8Array | string, over: Flow = flow): Buffer {
  return ipPacket(over, 17, udpDatagram(payload, over));
}

/** Returns the fragments of an IPv4 packet with a datagram of UDP, each with at most `size` bytes of it. */
export function udpFragments(payload: Uint8Array | string, size: number): Buffer[] {
  const whole = udpDatagram(payload, flow);
  const fragments: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) {
    const packet = ipPacket(flow, 17, whole.subarray(at, at + size));
    packet.writeUInt16BE((at + size < whole.length ? 0x2000 : 0) | (at / 8), 6);
    fragments.push(packet);
  }
  return fragments;
}

/** Returns an IP packet with a segment of TCP. */
export function tcpPacket(
  sequence: number,
  payload: Uint8Array | string,
  { syn = false, over = flow }: { readonly syn?: boolean; readonly over?: Flow } = {},
): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(over.sourcePort, 0);
  header.writeUInt16BE(over.destinationPort, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt8(5 << 4, 12);
  header.writeUInt8(syn ? 0x02 : 0x10, 13);
  return ipPacket(over, 6, Buffer.concat([header, Buffer.from(payload)]));
}

/** Returns a pcap file of these IP packets, its numbers big or little endian; each is cut to `snap` bytes. */
export function pcap(
  packets: readonly Buffer[],
  { link = 'ethernet', big = false, snap = 262_144 }: { link?: LinkLayer; big?: boolean; snap?: number } = {},
): Buffer {
  const number = numbers(big);
  const header = [
    number(0xa1b2c3d4),
    big ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0]),
    number(0),
    number(0),
    number(snap),
    number(linkTypes[link]),
  ];
  const records = packets.flatMap((packet, index) => {
    const framed = onLink(packet, link);
    const kept = framed.subarray(0, snap);
    return [number(1_793_694_370 + index), number(500_000), number(kept.length), number(framed.length), kept];
  });
  return Buffer.concat([...header, ...records]);
}

/** Returns a pcapng file of these IP packets, with a block in it that readers pass over. */
export function pcapng(
  packets: readonly Buffer[],
  { link = 'ethernet', big = false }: { link?: LinkLayer; big?: boolean } = {},
): Buffer {
  const number = numbers(big);
  const half = (value: number) => (big ? number(value).subarray(2) : number(value).subarray(0, 2));
  const block = (type: number, ...body: Buffer[]) => {
    const content = Buffer.concat(body);
    const length = number(12 + Math.ceil(content.length / 4) * 4);
    return Buffer.concat([
      number(type),
      length,
      content,
      Buffer.alloc((4 - (content.length % 4)) % 4),
      length,
    ]);
  };
  // Option 9: timestamps in nanoseconds.
  const resolution = Buffer.concat([half(9), half(1), Buffer.from([9, 0, 0, 0]), half(0), half(0)]);
  const blocks = packets.map((packet, index) => {
    const framed = onLink(packet, link);
    const time = BigInt(1_793_694_370 + index) * 1_000_000_000n + 500_000_000n;
    const words = [Number(time >> 32n), Number(time & 0xffffffffn), framed.length, framed.length];
    return block(6, number(0), ...words.map(number), framed);
  });
  return Buffer.concat([
    block(0x0a0d0d0a, number(0x1a2b3c4d), half(1), half(0), number(0xffffffff), number(0xffffffff)),
    block(1, half(linkTypes[link]), half(0), number(0), resolution),
    block(5, number(0), number(0), number(0)),
    ...blocks,
  ]);
}

function numbers(big: boolean): (value: number) => Buffer {
  return (value) => {
    const bytes = Buffer.alloc(4);
    if (big) bytes.writeUInt32BE(value >>> 0);
    else bytes.writeUInt32LE(value >>> 0);
    return bytes;
  };
}

function udpDatagram(payload: Uint8Array | string, over: Flow): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(over.sourcePort, 0);
  header.writeUInt16BE(over.destinationPort, 2);
  header.writeUInt16BE(bytes.length + 8, 4);
  return Buffer.concat([header, bytes]);
}

function ipPacket(over: Flow, protocol: number, payload: Buffer): Buffer {
  return isIPv6(over.source) ? ipv6Packet(over, protocol, payload) : ipv4Packet(over, protocol, payload);
}

function ipv4Packet({ source, destination }: Flow, protocol: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(7, 4);
  header.writeUInt8(protocol, 9);
  for (const [at, address] of [source, destination].entries())
    header.set(address.split('.').map(Number), 12 + at * 4);
  return Buffer.concat([header, payload]);
}

/** Over IPv6 with an extension header of destination options. */
function ipv6Packet({ source, destination }: Flow, protocol: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(48);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(8 + payload.length, 4);
  header.writeUInt8(60, 6);
  for (const [at, address] of [source, destination].entries()) header.set(ipv6Bytes(address), 8 + at * 16);
  header.writeUInt8(protocol, 40);
  return Buffer.concat([header, payload]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const head = before.split(':').filter((group) => group !== '');
  const tail = after.split(':').filter((group) => group !== '');
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function onLink(packet: Buffer, link: LinkLayer): Buffer {
  const type = packet.readUInt8(0) >> 4 === 6 ? 0x86dd : 0x0800;
  const etherType = Buffer.from([type >> 8, type & 0xff]);
  switch (link) {
    case 'ethernet':
      // Frames have at least 60 bytes: what is lacking is padding that is no part of the packet.
      return Buffer.concat([
        Buffer.alloc(12),
        etherType,
        packet,
        Buffer.alloc(Math.max(0, 46 - packet.length), 0x20),
      ]);
    case 'vlan':
      return Buffer.concat([Buffer.alloc(12), Buffer.from([0x81, 0, 0, 5]), etherType, packet]);
    case 'cooked':
      return Buffer.concat([Buffer.alloc(14), etherType, packet]);
    case 'cooked2':
      return Buffer.concat([etherType, Buffer.alloc(18), packet]);
    case 'raw':
      return packet;
    case 'loopback':
      return Buffer.concat([Buffer.from([2, 0, 0, 0]), packet]);
  }
}
