import type { Packet } from './packets.ts';

/** What IP carries in one packet, or in the fragments of one. */
export interface Datagram {
  readonly source: string;
  readonly destination: string;
  /** 6 for TCP, 17 for UDP. */
  readonly protocol: number;
  readonly payload: Buffer;
  /** Bytes that the packet had and the capture has not. */
  readonly missing: number;
  /** Set for a fragment: which datagram it belongs to, where in it, and whether more follow. */
  readonly fragment: { readonly id: string; readonly offset: number; readonly more: boolean } | undefined;
}

/** Types of link layers: how many bytes stand before the EtherType or the IP header. */
const linkType = { null: 0, ethernet: 1, loop: 108, linuxCooked: 113, linuxCooked2: 276 } as const;
const rawIp: readonly number[] = [12, 14, 101, 228, 229];
const etherType = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const vlanTags: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** Returns the IP datagram of a packet; undefined where it holds none, or is cut before the end of its headers. */
export function readDatagram({ linkType: link, data }: Packet): Datagram | undefined {
  try {
    const ip = ipPacket(link, data);
    if (ip === undefined || ip.length === 0) return undefined;
    const version = ip.readUInt8(0) >> 4;
    if (version === 4) return readIpv4(ip);
    return version === 6 ? readIpv6(ip) : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut amid a header
    throw error;
  }
}

/** True of a link type that is read. */
export function isKnownLink(link: number): boolean {
  return rawIp.includes(link) || (Object.values(linkType) as number[]).includes(link);
}

function ipPacket(link: number, data: Buffer): Buffer | undefined {
  if (rawIp.includes(link)) return data;
  switch (link) {
    case linkType.null:
    case linkType.loop:
      return data.subarray(4);
    case linkType.ethernet:
      return behindEtherType(data, 12);
    case linkType.linuxCooked:
      return behindEtherType(data, 14);
    case linkType.linuxCooked2:
      return isIpType(data.readUInt16BE(0)) ? data.subarray(20) : undefined;
    default:
      return undefined;
  }
}

function behindEtherType(data: Buffer, at: number): Buffer | undefined {
  let place = at;
  while (vlanTags.includes(data.readUInt16BE(place))) place += 4;
  return isIpType(data.readUInt16BE(place)) ? data.subarray(place + 2) : undefined;
}

function isIpType(type: number): boolean {
  return type === etherType.ipv4 || type === etherType.ipv6;
}

function readIpv4(ip: Buffer): Datagram {
  const headerBytes = (ip.readUInt8(0) & 0x0f) * 4;
  // A length of 0: the network card was to fill it in.
  const total = ip.readUInt16BE(2) || ip.length;
  const flags = ip.readUInt16BE(6);
  const more = (flags & 0x2000) !== 0;
  const offset = (flags & 0x1fff) * 8;
  const protocol = ip.readUInt8(9);
  const source = [...ip.subarray(12, 16)].join('.');
  const destination = [...ip.subarray(16, 20)].join('.');
  const id = `${source} ${destination} ${protocol} ${ip.readUInt16BE(4)}`;
  return {
    source,
    destination,
    protocol,
    payload: ip.subarray(headerBytes, total),
    missing: Math.max(0, total - ip.length),
    fragment: more || offset > 0 ? { id, offset, more } : undefined,
  };
}

/** Extension headers that stand before what is carried: hop-by-hop, routing, fragment, destination options. */
const extensionHeaders: readonly number[] = [0, 43, 44, 60];
const fragmentHeader = 44;

function readIpv6(ip: Buffer): Datagram {
  const total = 40 + ip.readUInt16BE(4);
  const source = ipv6Text(ip.subarray(8, 24));
  const destination = ipv6Text(ip.subarray(24, 40));
  let protocol = ip.readUInt8(6);
  let at = 40;
  let fragment: Datagram['fragment'];
  while (extensionHeaders.includes(protocol)) {
    const isFragment = protocol === fragmentHeader;
    if (isFragment) {
      const field = ip.readUInt16BE(at + 2);
      const id = `${source} ${destination} ${ip.readUInt32BE(at + 4)}`;
      fragment = { id, offset: field & 0xfff8, more: (field & 1) === 1 };
    }
    protocol = ip.readUInt8(at);
    at += isFragment ? 8 : (ip.readUInt8(at + 1) + 1) * 8;
  }
  const payload = ip.subarray(at, total);
  return { source, destination, protocol, payload, missing: Math.max(0, total - ip.length), fragment };
}

function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
