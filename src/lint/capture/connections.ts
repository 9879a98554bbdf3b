import { warning } from '../text.ts';
import { type Captured, message, remark } from './captured.ts';
import { Fragments } from './fragments.ts';
import { type Datagram, isKnownLink, readDatagram } from './ip.ts';
import type { Packet } from './packets.ts';
import { MessageStream } from './stream.ts';
import { TcpStream } from './tcp.ts';

/** Streams that are followed at most; those that began first are ended first. */
const maxStreams = 4096;
/** Bytes that all of them hold at most, waiting for the rest of a message. */
const maxHeldBytes = 128 * 1024 * 1024;
const udp = 17;
const tcp = 6;

interface Followed {
  readonly tcp: TcpStream;
  readonly messages: MessageStream;
  /** Sequence number of its SYN, by which one that was sent again is told from a new connection. */
  readonly firstSequence: number | undefined;
}

/** The messages in packets: datagrams of UDP one each, streams of TCP put together. */
export class Connections {
  readonly #give: (captured: Captured) => void;
  readonly #streams = new Map<string, Followed>();
  readonly #fragments = new Fragments();
  #unknownLink: number | undefined;
  #heldBytes = 0;

  constructor(give: (captured: Captured) => void) {
    this.#give = give;
  }

  add(packet: Packet): void {
    if (!isKnownLink(packet.linkType)) {
      if (this.#unknownLink === packet.linkType) return;
      this.#unknownLink = packet.linkType;
      const what = `link type ${packet.linkType} is not read: capture on Ethernet, on the interface any, or on lo`;
      this.#give(remark(`packet ${packet.number}`, warning(undefined, 'capture', what)));
      return;
    }
    const read = readDatagram(packet);
    const datagram = read === undefined ? undefined : this.#fragments.add(read);
    if (datagram?.protocol === udp) this.#udp(datagram, packet);
    else if (datagram?.protocol === tcp) this.#tcp(datagram, packet);
  }

  /** Reads what is left of every stream. */
  end(): void {
    while (this.#streams.size > 0) this.#endOldest();
    const { incomplete } = this.#fragments;
    if (incomplete > 0) {
      this.#give(
        remark(
          'fragments',
          warning(
            undefined,
            'RFC 791 §3.2',
            `of ${incomplete} datagrams some fragments are not in the capture`,
          ),
        ),
      );
    }
  }

  #udp({ payload, missing, source, destination }: Datagram, packet: Packet): void {
    if (payload.length < 8) return;
    const where = placeOf(
      packet,
      `${address(source, payload.readUInt16BE(0))} → ${address(destination, payload.readUInt16BE(2))}`,
    );
    const text = payload.subarray(8);
    if (text.length === 0 || !isMessage(text)) this.#give({ where, bytes: undefined, findings: [] });
    else this.#give(missing > 0 ? remark(where, cutByCapture(missing)) : message(where, Buffer.from(text)));
  }

  #tcp({ payload, missing, source, destination }: Datagram, packet: Packet): void {
    if (payload.length < 20) return;
    const flow = `${address(source, payload.readUInt16BE(0))} → ${address(destination, payload.readUInt16BE(2))}`;
    const flags = payload.readUInt8(13);
    const sequence = payload.readUInt32BE(4);
    const syn = (flags & 0x02) !== 0;
    const followed = this.#stream(flow, syn ? sequence : undefined);
    const where = placeOf(packet, flow);
    const bytes = payload.subarray((payload.readUInt8(12) >> 4) * 4);
    if (missing > 0) this.#give(remark(where, cutByCapture(missing)));
    const before = heldBytes(followed);
    followed.tcp.add({ sequence, syn, payload: Buffer.from(bytes), missing, where });
    this.#heldBytes += heldBytes(followed) - before;
    while (this.#heldBytes > maxHeldBytes || this.#streams.size > maxStreams) this.#endOldest();
  }

  #stream(flow: string, synSequence: number | undefined): Followed {
    const known = this.#streams.get(flow);
    if (known !== undefined && (synSequence === undefined || synSequence === known.firstSequence))
      return known;
    if (known !== undefined) this.#endStream(flow, known);
    const messages = new MessageStream({ isFile: false, isWhole: synSequence !== undefined }, this.#give);
    const followed = { tcp: new TcpStream(messages), messages, firstSequence: synSequence };
    this.#streams.set(flow, followed);
    return followed;
  }

  #endOldest(): void {
    for (const [flow, followed] of this.#streams) {
      this.#endStream(flow, followed);
      return;
    }
  }

  #endStream(flow: string, followed: Followed): void {
    this.#heldBytes -= heldBytes(followed);
    this.#streams.delete(flow);
    followed.tcp.end();
    followed.messages.end();
  }
}

function heldBytes({ tcp: stream, messages }: Followed): number {
  return stream.waitingBytes + messages.heldBytes;
}

/** True of a datagram that may be a message: others, such as DNS, are passed over. */
function isMessage(text: Buffer): boolean {
  return /^\s*(?:<\d|CEF|LEEF|[{[]|\xef\xbb\xbf|[A-Z][a-z]{2} [ \d]\d )/.test(text.toString('latin1', 0, 24));
}

function cutByCapture(missing: number) {
  return warning(
    undefined,
    'capture',
    `${missing} bytes of the packet were not captured: capture whole packets, as tcpdump -s 0 does`,
  );
}

function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function placeOf({ number, timeMs }: Packet, flow: string): string {
  const time = timeMs === undefined || !(timeMs < 8.64e15) ? '' : `, ${new Date(timeMs).toISOString()}`;
  return `packet ${number}${time}, ${flow}`;
}
