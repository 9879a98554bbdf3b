import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../src/lint/capture/capture.ts';
import {
  type Flow,
  flow,
  type LinkLayer,
  pcap,
  pcapng,
  tcpPacket,
  udpFragments,
  udpPacket,
} from '../support/capture-writer.ts';

interface Met {
  readonly where: string;
  readonly text: string | undefined;
  readonly findings: readonly string[];
}

/** What is met in a capture that comes in chunks of `size` bytes. */
async function met(capture: Buffer | string, size = 65_536): Promise<Met[]> {
  const bytes = Buffer.from(capture);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const all: Met[] = [];
  for await (const { where, bytes: text, findings } of readCapture(chunks())) {
    all.push({
      where,
      text: text && Buffer.from(text).toString(),
      findings: findings.map(({ message }) => message),
    });
  }
  return all;
}

async function textsOf(capture: Buffer | string, size?: number): Promise<(string | undefined)[]> {
  return (await met(capture, size)).map(({ text }) => text);
}

const one = '<134>1 - h a - - - CEF:0|V|P|1|id|Näme|5|';
const two = '<134>1 - h a - - - LEEF:1.0|V|P|1|id|cat=x';
const three = '<134>Nov  3 08:26:10 h app: {"a":1}';
const messages = [one, two, three];
const counted = messages.map((text) => `${Buffer.byteLength(text)} ${text}`).join('');
const lines = messages.map((text) => `${text}\n`).join('');

/** The texts as a stream of TCP in segments of `size` bytes, numbered from `sequence` on. */
function segments(stream: Buffer | string, size: number, sequence = 1000, over: Flow = flow): Buffer[] {
  const bytes = Buffer.from(stream);
  const packets = [tcpPacket(sequence - 1, '', { syn: true, over })];
  for (let at = 0; at < bytes.length; at += size)
    packets.push(tcpPacket(sequence + at, bytes.subarray(at, at + size), { over }));
  return packets;
}

describe('files', () => {
  test.each([1, 7, 65_536])(
    'lines, octet counting and RELP read the same in chunks of %i bytes',
    async (size) => {
      const relp = messages
        .map((text, index) => `${index + 2} syslog ${Buffer.byteLength(text)} ${text}\n`)
        .join('');
      expect(await textsOf(lines, size)).toEqual(messages);
      expect(await textsOf(counted, size)).toEqual(messages);
      expect(await textsOf(`1 open 85 ${'o'.repeat(85)}\n${relp}5 close 0\n`, size)).toEqual(messages);
      expect(await textsOf(gzipSync(lines), size)).toEqual(messages);
    },
  );

  test('lines are counted, blank ones too', async () => {
    expect(await met(`${one}\r\n\r\n${two}`)).toEqual([
      { where: 'line 1', text: one, findings: [] },
      { where: 'line 3', text: two, findings: [] },
    ]);
    expect(await met('')).toEqual([]);
  });

  test('NUL ends messages where it is the first to do so, and is part of one elsewhere', async () => {
    const read = await met(`${one}\0${two}\0`);
    expect(read.map(({ text }) => text)).toEqual([one, two]);
    expect(read[0]?.findings).toEqual([expect.stringContaining('NUL')]);
    expect(await textsOf(`a\0b\n${two}\n`)).toEqual(['a\0b', two]);
  });

  test('documents over several lines are one each', async () => {
    const documents = [{ a: 1 }, { b: [1, { c: '}{' }] }];
    const compact = documents.map((document) => JSON.stringify(document, null, 1).replace(/\n */g, ' '));
    expect(await textsOf(JSON.stringify(documents, null, 2))).toHaveLength(2);
    expect(await textsOf(JSON.stringify(documents))).toEqual(
      documents.map((document) => JSON.stringify(document)),
    );
    expect(await textsOf(documents.map((document) => JSON.stringify(document, null, 1)).join('\n'))).toEqual(
      compact,
    );
    expect(await textsOf(documents.map((document) => JSON.stringify(document)).join('\n'))).toHaveLength(2);
  });

  test('a length that counts characters, and a line end behind a message, are told', async () => {
    const wrong = await met(`${one.length} ${one}${Buffer.byteLength(two)} ${two}`);
    expect(wrong.map(({ text }) => text)).toEqual([one.slice(0, -1), undefined, two]);
    expect(wrong[1]?.findings).toEqual([expect.stringContaining('count characters instead of bytes')]);
    const ended = await met(`${Buffer.byteLength(one)} ${one}\n${Buffer.byteLength(two)} ${two}`);
    expect(ended.map(({ text }) => text)).toEqual([one, two]);
    expect(ended[1]?.findings).toEqual([expect.stringContaining('a line end stands before MSG-LEN')]);
    const cut = await met(counted.slice(0, -3));
    expect(cut.at(-1)).toMatchObject({
      text: undefined,
      findings: [expect.stringContaining('ends amid a message')],
    });
  });

  test('what is longer than a mebibyte is passed over, and the rest read', async () => {
    const long = `CEF:0|${'x'.repeat(1_100_000)}`;
    expect(await textsOf(`${long}\n${two}\n`, 60_000)).toEqual([undefined, two]);
    expect(await textsOf(`${long.length} ${long}${counted}`, 60_000)).toEqual([undefined, ...messages]);
  });
});

describe('packets', () => {
  const links: readonly LinkLayer[] = ['ethernet', 'vlan', 'cooked', 'cooked2', 'raw', 'loopback'];

  test.each(links)('datagrams on %s, whatever the format and byte order', async (link) => {
    const packets = messages.map((text) => udpPacket(text));
    for (const big of [false, true]) {
      for (const capture of [pcap(packets, { link, big }), pcapng(packets, { link, big })]) {
        expect(await met(capture, 100)).toEqual(
          messages.map((text, index) => ({
            where: `packet ${index + 1}, ${new Date((1_793_694_370 + index) * 1000 + 500).toISOString()}, 10.0.0.1:40000 → 10.0.0.2:514`,
            text,
            findings: [],
          })),
        );
      }
    }
  });

  test('IPv6, fragments in any order, and datagrams that are no messages', async () => {
    const six = { ...flow, source: '2001:db8::1', destination: '2001:db8:0:1::2' };
    const [first, ...rest] = udpFragments(one, 24);
    const packets = [udpPacket(two, six), udpPacket('\u0001\u0002dns'), ...rest, first ?? Buffer.of()];
    const read = await met(pcap(packets));
    expect(read.map(({ text }) => text)).toEqual([two, undefined, one]);
    expect(read[0]?.where).toContain('[2001:db8::1]:40000 → [2001:db8:0:1::2]:514');
    expect(read[1]?.findings).toEqual([]);
    expect((await met(pcap(rest))).at(-1)?.findings).toEqual([expect.stringContaining('some fragments')]);
  });

  test.each([
    ['in order', (packets: Buffer[]) => packets],
    ['the other way round', (packets: Buffer[]) => [...packets.slice(0, 1), ...packets.slice(1).reverse()]],
    ['each twice', (packets: Buffer[]) => packets.flatMap((packet) => [packet, packet])],
  ])('segments %s, of any size, over the end of the sequence numbers', async (_how, arrange) => {
    for (const stream of [counted, lines]) {
      for (const size of [1, 13, 1000]) {
        expect(await textsOf(pcap(arrange(segments(stream, size, 2 ** 32 - 20))))).toEqual(messages);
      }
    }
  });

  test('segments that overlap, and two connections at once', async () => {
    const bytes = Buffer.from(lines);
    const overlapping = [0, 10, 5, 40, 30].map((at) => tcpPacket(1000 + at, bytes.subarray(at, at + 40)));
    const rest = tcpPacket(1070, bytes.subarray(70));
    expect(await textsOf(pcap([tcpPacket(999, '', { syn: true }), ...overlapping, rest]))).toEqual(messages);
    const other = segments(counted, 20, 5000, { ...flow, sourcePort: 40_001 });
    const mixed = segments(lines, 20).flatMap((packet, index) => [packet, other[index] ?? Buffer.of()]);
    expect(await textsOf(pcap(mixed.filter(({ length }) => length > 0)))).toEqual(
      expect.arrayContaining([...messages, ...messages]),
    );
  });

  test.each([
    ['octet counting', counted],
    ['lines', lines],
  ])('a gap is named, and what follows is read: %s', async (_how, stream) => {
    const packets = segments(stream, 20);
    const read = await met(pcap([...packets.slice(0, 2), ...packets.slice(3)]));
    expect(read.map(({ text }) => text)).toEqual([undefined, two, three]);
    expect(read[0]?.findings).toEqual([
      expect.stringContaining('20 bytes before this are not in the capture'),
    ]);
    expect(read[0]?.where).toMatch(/^packet 3, /);
  });

  test.each([
    ['octet counting', counted],
    ['lines', lines],
  ])('a capture that begins amid a connection: %s', async (_how, stream) => {
    expect(await textsOf(pcap(segments(stream, 30).slice(2)))).toEqual([two, three]);
  });

  test('a new connection with the same ports is a stream of its own', async () => {
    const again = [...segments(`${one}\n`, 30), ...segments(`${Buffer.byteLength(two)} ${two}`, 30, 77_000)];
    expect(await textsOf(pcap(again))).toEqual([one, two]);
  });

  test('packets that were cut when captured are said to be', async () => {
    const read = await met(pcap([udpPacket(one), ...segments(lines, 1000)], { snap: 60 }));
    expect(read.map(({ text }) => text)).toEqual(Array.from(read, () => undefined));
    expect(read[0]?.findings).toEqual([expect.stringContaining('tcpdump -s 0')]);
  });

  test('TLS is said to be unreadable, once a stream', async () => {
    const hello = Buffer.from([0x16, 3, 1, 0, 50, ...Array.from({ length: 50 }, () => 1)]);
    const read = await met(pcap(segments(Buffer.concat([hello, hello]), 30)));
    expect(read).toMatchObject([{ text: undefined, findings: [expect.stringContaining('is TLS')] }]);
  });

  test('what is no message is passed over, an unknown link and a broken file are told', async () => {
    expect(await met(pcap(segments('SSH-2.0-OpenSSH_9.2 and more of it', 1000)))).toMatchObject([
      { text: undefined, findings: [] },
    ]);
    const wifi = pcap([udpPacket(one), udpPacket(two)]);
    wifi.writeUInt32LE(105, 20);
    expect((await met(wifi)).flatMap(({ findings }) => findings)).toEqual([
      expect.stringContaining('link type 105'),
    ]);
    for (const capture of [
      pcap([udpPacket(one), udpPacket(two)]),
      pcapng([udpPacket(one), udpPacket(two)]),
    ]) {
      const read = await met(capture.subarray(0, -5));
      expect(read.map(({ text }) => text)).toEqual([one, undefined]);
      expect(read[1]?.findings).toEqual([expect.stringMatching(/the capture ends/)]);
    }
  });
});

describe('requests of HTTP', () => {
  const request = (body: Buffer | string, headers = '') =>
    Buffer.concat([
      Buffer.from(
        `POST /services/collector HTTP/1.1\r\nHost: siem\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      ),
      Buffer.from(body),
    ]);
  const record = String.raw`{"id":"a","n":1.50,"t":"\"},{"}`;
  const bulk = `{"create":{}}\n${record}\n{"index":{"_id":"1"}}\n{"b":2}\n`;

  test.each([
    [
      'stacked envelopes',
      `{"time":1,"event":${record},"fields":{"a":"b"}}{"event":"CEF:0|V|P|1|id|Name|5|"}`,
      [record, 'CEF:0|V|P|1|id|Name|5|'],
    ],
    ['a bulk request', bulk, [record, '{"b":2}']],
    ['an array', `[${record}, {"b":2}]`, [record, '{"b":2}']],
    ['lines', `${one}\n${two}\n`, [one, two]],
  ])('%s', async (_what, body, expected) => {
    const bodies = Buffer.concat([
      request(body),
      request('', 'X: y\r\n'),
      request(gzipSync(body), 'content-encoding: GZIP\r\n'),
    ]);
    const read = await met(pcap(segments(bodies, 25)));
    expect(read.map(({ text }) => text)).toEqual([...expected, ...expected]);
    expect(read[0]?.where).toMatch(/^packet 2, .*, POST \/services\/collector, event 1$/);
    expect(await textsOf(bodies, 9)).toEqual([...expected, ...expected]);
  });

  test('bodies in chunks, and one that is cut', async () => {
    const chunked = `POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${[...record].map((character) => `1;x=y\r\n${character}\r\n`).join('')}0\r\n\r\n`;
    expect(await textsOf(Buffer.concat([Buffer.from(chunked), request(record)]), 11)).toEqual([
      record,
      record,
    ]);
    expect((await met(request(record).subarray(0, -1)))[0]?.findings).toEqual([
      expect.stringContaining('amid a request'),
    ]);
    const broken = await met(request('no gzip', 'Content-Encoding: gzip\r\n'));
    expect(broken[0]?.findings).toEqual([expect.stringContaining('cannot be decompressed')]);
  });
});
