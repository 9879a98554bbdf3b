import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../src/lint/capture/capture.ts';
import { languages } from '../../src/lint/index.ts';
import { lintMessage } from '../../src/lint/message.ts';
import { anyText } from '../support/any-text.ts';
import { pcap, pcapng, tcpPacket, udpPacket } from '../support/capture-writer.ts';

const beginnings = [
  '',
  'CEF:0|V|P|1|id|Name|5|',
  'CEF:',
  'LEEF:2.0|V|P|1|id|',
  '<134>1 - h a - - [o@9 a="',
  '<134>1 ',
  '<134>Nov  3 08:26:10 ',
  '{"@timestamp":"2026-11-03T08:26:10Z","ecs":{"version":"9.4.0"},"event":',
  '{"class_uid":2004,"metadata":{"version":"1.8.0"},"a":',
];

async function countOf(bytes: Buffer): Promise<number> {
  let count = 0;
  async function* chunks() {
    yield bytes;
  }
  for await (const { bytes: text } of readCapture(chunks())) {
    if (text !== undefined) lintMessage(text);
    count++;
  }
  return count;
}

describe('whatever it is, it is read to its end', () => {
  test('texts, by every language', () => {
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), anyText, (beginning, text) => {
        for (const language of languages) {
          for (const { level, message } of language.lint(beginning + text)) {
            expect(level).toMatch(/^(?:error|warning)$/);
            expect(message).not.toBe('');
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  const request = 'POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n{"a":1}1 open 0\n';
  const counted = '46 <134>1 - h a - - - CEF:0|V|P|1|id|Name|5|act=x8 <13>x y\n';
  const captures = [
    pcap([
      udpPacket(counted),
      tcpPacket(1, '', { syn: true }),
      tcpPacket(2, counted),
      tcpPacket(90, request),
    ]),
    pcapng([tcpPacket(1, request), tcpPacket(2, '2 syslog 5 <13>x\n'), udpPacket(counted)]),
    Buffer.from(counted + request),
    Buffer.from(`${request}2 syslog 5 <13>x\n3 close 0\n`),
  ];

  test('captures with bytes changed, and cut short', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...captures),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(40),
        async (capture, changes, cut) => {
          const bytes = Buffer.from(capture.subarray(0, capture.length - cut));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          expect(await countOf(bytes)).toBeLessThan(1000);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['pipes', 'CEF:0|', '|'],
  ['keys', 'CEF:0|V|P|1|i|N|5|', 'a= '],
  ['attributes', 'LEEF:2.0|V|P|1|i|^|', 'a=^'],
  ['separators', 'LEEF:1.0|V|P|1|i|', 'a ^'],
  ['elements', '<13>1 - h a - - ', '[a@1]'],
  ['parameters', '<13>1 - h a - - [meta', ' a=""'],
  ['backslashes', '<13>1 - h a - - [a@1 b="', '\\x'],
  ['line ends', '<13>1 - h a - - - CEF:0|', '\n'],
  ['objects', '', '{"a":'],
  ['lone surrogates', 'CEF:0|V|P|1|i|N|5|a=', '\ud800'],
])('a hundred thousand characters of %s are read in one walk', (_what, beginning, repeated) => {
  // A walk for each repeat would take longer than a test may.
  const text = beginning + repeated.repeat(100_000 / repeated.length);
  expect(lintMessage(Buffer.from(text)).findings.length).toBeLessThanOrEqual(50);
});
