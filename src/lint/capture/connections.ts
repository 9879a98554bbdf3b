import { warning } from '../text.ts';
import { type Captured, message, remark } from './captured.ts';
import { Fragments } from './fragments.ts';
import { type Datagram, isKnownLink, readDatagram } from './ip.ts';
import type { Packet } from './packets.ts';
import { MessageStream } from './stream.ts';
import { TcpStream } from './tcp.ts';

/** Streams that are followed at most; those that began first are ended first. */
const maxStreams = 4096;
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
    for (const stream of this.#streams.values()) endStream(stream);
    this.#streams.clear();
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
    followed.tcp.add({ sequence, syn, payload: Buffer.from(bytes), missing, where });
  }

  #stream(flow: string, synSequence: number | undefined): Followed {
    const known = this.#streams.get(flow);
    if (known !== undefined && (synSequence === undefined || synSequence === known.firstSequence))
      return known;
    if (known !== undefined) endStream(known);
    const messages = new MessageStream({ isFile: false, isWhole: synSequence !== undefined }, this.#give);
    const followed = { tcp: new TcpStream(messages), messages, firstSequence: synSequence };
    this.#streams.delete(flow);
    this.#streams.set(flow, followed);
    const oldest = this.#streams.size > maxStreams ? this.#streams.keys().next().value : undefined;
    const given = oldest === undefined ? undefined : this.#streams.get(oldest);
    if (oldest !== undefined && given !== undefined) {
      endStream(given);
      this.#streams.delete(oldest);
    }
    return followed;
  }
}

function endStream({ tcp: stream, messages }: Followed): void {
  stream.end();
  messages.end();
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
