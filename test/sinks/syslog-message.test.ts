import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordKind } from '../../src/record.ts';
import { FramePiece } from '../../src/sinks/frame-piece.ts';
import { oneLine } from '../../src/sinks/one-line.ts';
import {
  type Framing,
  headerMeasure,
  headerWriter,
  type SyslogHeader,
} from '../../src/sinks/syslog-message.ts';
import { anyText } from '../support/any-text.ts';
import { anEvent } from '../support/event.ts';
import { encodeMessage } from '../support/syslog-message.ts';
import { FrameReader, parse3164, parse5424 } from '../support/syslog-parser.ts';

const options: SyslogHeader = {
  rfc: 5424,
  facility: 16,
  hostname: 'connector.contoso.com',
  appName: 'defender-siem',
  tag: 'defender-siem',
  timeZone: 'UTC',
  structuredData: {},
};
const bsd: SyslogHeader = { ...options, rfc: 3164 };
const nowMs = Date.UTC(2026, 10, 9, 1, 2, 3, 4);

const severity = fc.constantFrom(
  'unknown' as const,
  'informational' as const,
  'low' as const,
  'medium' as const,
  'high' as const,
  'critical' as const,
);
const kind = fc.constantFrom<RecordKind>('detection', 'alert', 'graph-alert');
const text = fc.oneof(
  anyText,
  fc.string({
    unit: fc.constantFrom(
      '\n',
      '\r',
      '\0',
      '\u0085',
      '\u2028',
      '\u2029',
      '\ud800',
      '<134>1 ',
      '9 ',
      'é',
      '😀',
      'a',
    ),
  }),
);
const framing = fc.constantFrom('octet-counting' as const, 'newline' as const);

/** The frame of one message. */
function frame(header: string, message: string, framed: Framing): Buffer {
  const piece = new FramePiece(framed);
  piece.add(header, message, Number.POSITIVE_INFINITY);
  return piece.bytes;
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('RFC 5424 header', () => {
  test('names priority, time, host, application and kind', () => {
    expect(headerWriter(options)(anEvent(), nowMs)).toBe(
      '<131>1 2026-11-03T08:26:10.123456Z connector.contoso.com defender-siem - graph-alert - ',
    );
  });
  test('has the time of now when the event has none, and stays as long', () => {
    const write = headerWriter(options);
    const header = write(anEvent({ updated: undefined }), nowMs);
    expect(header).toContain(' 2026-11-09T01:02:03.004000Z ');
    expect(header.length).toBe(write(anEvent(), nowMs).length);
  });
  test.each([
    ['unknown', 133],
    ['informational', 134],
    ['low', 133],
    ['medium', 132],
    ['high', 131],
    ['critical', 130],
  ] as const)('severity %s makes PRI %i in local0', (of, pri) => {
    expect(headerWriter(options)(anEvent({ severity: of }), nowMs)).toMatch(new RegExp(`^<${pri}>1 `));
  });
  test.each([
    ['spaces and controls', 'a b\nc', 'a_b_c'],
    ['other than ASCII', 'zürich', 'z_rich'],
    ['empty', '', '-'],
    ['blank', '  ', '-'],
    ['too long', 'h'.repeat(300), 'h'.repeat(255)],
  ])('host name: %s', (_case, hostname, written) => {
    const message = encodeMessage(headerWriter({ ...options, hostname })(anEvent(), nowMs), 'x');
    expect(parse5424(message).hostname).toBe(written);
  });
  test('the application name is cut to 48 characters', () => {
    const header = headerWriter({ ...options, appName: 'n'.repeat(60) })(anEvent(), nowMs);
    expect(parse5424(Buffer.from(header)).app).toBe('n'.repeat(48));
  });
  test('structured data escapes quote, backslash and bracket, and nothing else', () => {
    const structuredData = { 'defender@32473': { tenant: 'contoso', note: 'a "quoted" ] and \\' } };
    const header = headerWriter({ ...options, structuredData })(anEvent(), nowMs);
    expect(header).toContain(String.raw`[defender@32473 tenant="contoso" note="a \"quoted\" \] and \\"] `);
  });
  test('structured data reads back, whatever its values', () => {
    fc.assert(
      fc.property(anyText, anyText, (first, second) => {
        const structuredData = { 'x@32473': { first, second } };
        const parsed = parse5424(
          encodeMessage(headerWriter({ ...options, structuredData })(anEvent(), nowMs), 'm'),
        );
        const clean = (value: string) =>
          oneLine(value)
            .replaceAll('\t', ' ')
            .replace(/\p{Cc}/gu, '\ufffd');
        expect(parsed.structuredData).toEqual([
          [
            'x@32473',
            [
              ['first', clean(first)],
              ['second', clean(second)],
            ],
          ],
        ]);
        expect(parsed.text).toBe('m');
      }),
    );
  });
});

describe('RFC 3164 header', () => {
  test('pads the day with a space', () => {
    expect(headerWriter(bsd)(anEvent(), nowMs)).toBe(
      '<131>Nov  3 08:26:10 connector.contoso.com defender-siem: ',
    );
  });
  test('has no tag when there is to be none', () => {
    const header = headerWriter({ ...bsd, tag: undefined })(
      anEvent({ updated: '2026-12-31T23:59:59Z' }),
      nowMs,
    );
    expect(header).toBe('<131>Dec 31 23:59:59 connector.contoso.com ');
  });
  test('is in the named time zone', () => {
    const header = headerWriter({ ...bsd, timeZone: 'Asia/Tokyo' })(
      anEvent({ updated: '2026-11-02T15:00:00Z' }),
      nowMs,
    );
    expect(header).toContain('>Nov  3 00:00:00 ');
  });
  test.each([
    ['a colon and a bracket', 'a:b[c', 'a_b_c'],
    ['too long', 't'.repeat(40), 't'.repeat(32)],
  ])('tag: %s', (_case, tag, written) => {
    expect(headerWriter({ ...bsd, tag })(anEvent(), nowMs)).toContain(` ${written}: `);
  });
});

test('a header has as many bytes as are said before it is written', () => {
  const structuredData = { 'x@32473': { name: 'zürich' } };
  for (const header of [options, bsd, { ...options, structuredData }, { ...bsd, timeZone: 'Asia/Tokyo' }]) {
    const [write, measure] = [headerWriter(header), headerMeasure(header)];
    fc.assert(
      fc.property(severity, kind, fc.date({ noInvalidDate: true }), (of, what, at) => {
        const event = anEvent({ severity: of, kind: what, updated: at.toISOString() });
        expect(Buffer.byteLength(write(event, nowMs))).toBe(measure(event));
      }),
      { numRuns: 20 },
    );
  }
});

test('RFC 3164 has in UTC what a time zone of no offset has', () => {
  const [utc, london] = [headerWriter(bsd), headerWriter({ ...bsd, timeZone: 'Etc/GMT' })];
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }), (at) => {
      const event = anEvent({ updated: at.toISOString() });
      expect(utc(event, nowMs)).toBe(london(event, nowMs));
    }),
  );
});

describe('messages on a stream', () => {
  test('octet counting counts bytes and puts nothing behind the message', () => {
    expect(frame('', 'é 😀', 'octet-counting').toString()).toBe('7 é 😀');
  });
  test('a piece holds the frames of its messages one behind the other, whatever their characters and sizes', () => {
    const header = fc.constantFrom('', '<131>1 - host - - - ', '<131>1 - - - - [x n="é"] ');
    const messages = fc.array(fc.tuple(header, anyText), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.nat(60), framing, (all, maxBytes, framed) => {
        const piece = new FramePiece(framed);
        const told = all.map(([head, line]) => piece.add(head, oneLine(line), maxBytes));
        const encoded = all.map(([head, line]) => encodeMessage(head, line));
        expect(told).toEqual(encoded.map(({ length }) => length));
        const expected = encoded
          .filter(({ length }) => length <= maxBytes)
          .map((each) => (framed === 'newline' ? `${each}\n` : `${each.length} ${each}`));
        expect(piece.bytes.toString()).toBe(expected.join(''));
        piece.clear();
        expect(piece.bytes.length).toBe(0);
      }),
    );
  });
  test('what is framed reads back the same, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ severity, kind, text }), { maxLength: 8 }),
        framing,
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 12 }),
        (events, framed, modern, places) => {
          const write = headerWriter(modern ? options : bsd);
          const stream = Buffer.concat(
            events.map((each) => frame(write(anEvent(each), nowMs), oneLine(each.text), framed)),
          );
          const reader = new FrameReader(framed);
          const messages = cut(stream, places).flatMap((chunk) => reader.push(chunk));
          expect(reader.pending).toBe(0);
          const parsed = messages.map((message) => (modern ? parse5424(message) : parse3164(message)));
          expect(parsed.map((message) => message.text)).toEqual(events.map((each) => oneLine(each.text)));
          if (modern) expect(parsed.map((message) => message.msgId)).toEqual(events.map((each) => each.kind));
          expect(parsed.every((message) => message.facility === 16)).toBe(true);
        },
      ),
    );
  });
  test('a text of one line goes out as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        fc.pre(!/[\n\r\v\f\0\u0085\u2028\u2029]/.test(line));
        expect(parse5424(encodeMessage(headerWriter(options)(anEvent(), nowMs), line)).text).toBe(line);
      }),
    );
  });
  test('a line break in a text cannot start a message', () => {
    const forged = 'CEF:0|…\n<134>1 2026-01-01T00:00:00Z forged app - - - all is well';
    const reader = new FrameReader('newline');
    const bytes = frame(headerWriter(options)(anEvent(), nowMs), oneLine(forged), 'newline');
    expect(reader.push(bytes)).toHaveLength(1);
  });
});
