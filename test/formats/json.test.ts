import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { json } from '../../src/formats/json/json.ts';
import { fullEvent, hostileText } from '../support/events.ts';
import { refuseUnsafe } from '../support/line-text.ts';

const format = json.create({});

function written(text: string, maxBytes = Number.POSITIVE_INFINITY): string {
  const formatted = format({ ...fullEvent, json: text }, maxBytes);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted.text;
}

const text = String.raw;

describe('the record stays verbatim', () => {
  test.each([
    ['numbers keep their digits', '{"a":12345678901234567890.10,"b":1E400,"c":-0}'],
    ['escapes stay as they are', text`{"a":"\/\u0041\n\"\\"}`],
    ['an escaped pair of surrogates stays', text`{"a":"\ud83d\uDE00"}`],
    ['an escaped backslash before ud800 is no escape', text`{"a":"\\ud800"}`],
    ['a direction override stays', '{"a":"\u202egpj.exe","b":"\ufeff"}'],
    ['spaces outside of strings stay when there is nothing to do', '{"a": 1}'],
    ['duplicate names stay', '{"a":1,"a":2}'],
  ])('%s', (_rule, record) => expect(written(record)).toBe(record));

  test.each([
    [
      'line breaks outside of strings go',
      '{\r\n  "a" : [1,\n\t2],\n  "b": " x  y "\n}\n',
      '{"a":[1,2],"b":" x  y "}',
    ],
    [
      'U+0085, U+2028, U+2029, DEL and C1',
      '{"a":"\u0085\u2028\u2029\u007f\u009f"}',
      text`{"a":"\u0085\u2028\u2029\u007f\u009f"}`,
    ],
    ['raw lone surrogates', '{"a":"\ud800x\udc00"}', text`{"a":"\ufffdx\ufffd"}`],
    [
      'escaped lone surrogates',
      text`{"a":"\ud800x\uDC00\ud83d\ud83d\ude00"}`,
      text`{"a":"\ufffdx\ufffd\ufffd\ud83d\ude00"}`,
    ],
    ['a raw half and an escaped half are no pair', '{"a":"\ud83d\\ude00"}', text`{"a":"\ufffd\ufffd"}`],
    ['nor the other way round', '{"a":"\\ud83d\ude00"}', text`{"a":"\ufffd\ufffd"}`],
    ['raw pairs stay beside what is rewritten', '{"a":"😀\u2028"}', text`{"a":"😀\u2028"}`],
  ])('but %s', (_rule, record, line) => expect(written(record)).toBe(line));

  test('any value reads back as itself, lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(
        fc.dictionary(hostileText, hostileText),
        fc.constantFrom(undefined, 2),
        (record, indent) => {
          const line = written(JSON.stringify(record, undefined, indent));
          refuseUnsafe(line);
          const wellFormed = Object.entries(record).map(([name, value]) => [
            name.toWellFormed(),
            value.toWellFormed(),
          ]);
          expect(Object.entries(JSON.parse(line) as object)).toEqual(
            Object.entries(Object.fromEntries(wellFormed)),
          );
        },
      ),
    );
  });

  test('whatever the text is, it is one line and nothing is thrown', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 0, max: 100 }), (record, maxBytes) => {
        refuseUnsafe(written(record));
        format({ ...fullEvent, json: record }, maxBytes);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a record that is too long', () => {
  const alert = {
    id: 'a1',
    title: 'Title',
    description: 'd'.repeat(300),
    recommendedActions: 'r'.repeat(300),
    comments: [{ comment: 'c'.repeat(300) }],
    lastUpdateDateTime: '2026-11-03T08:26:10.1234567Z',
    number: 12345678901234567890n,
    evidence: [
      { '@odata.type': '#d', hostName: 'host', loggedOnUsers: ['u'.repeat(300)] },
      { '@odata.type': '#p', processCommandLine: `${'p'.repeat(400)}é`, processId: 7 },
      { '@odata.type': '#p', processCommandLine: 'q'.repeat(300), processId: 8 },
      { '@odata.type': '#f', fileDetails: { sha1: 's'.repeat(40), sha256: 't'.repeat(64) } },
    ],
  };
  const record = JSON.stringify(alert, (_name, value: unknown) =>
    typeof value === 'bigint' ? '#' : value,
  ).replace('"#"', String(alert.number));

  function shortened(maxBytes: number): Record<string, unknown> {
    const line = written(record, maxBytes);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
    expect(line).toContain('"number":12345678901234567890');
    return JSON.parse(line) as Record<string, unknown>;
  }

  const bytes = Buffer.byteLength(record);

  test('loses whole members in the documented order, and names them', () => {
    expect(shortened(bytes)).not.toHaveProperty('defenderSiemTruncated');
    expect(shortened(bytes - 1)).toMatchObject({
      comments: alert.comments,
      defenderSiemTruncated: ['recommendedActions'],
    });
    expect(shortened(bytes - 400)).toMatchObject({
      evidence: [{ loggedOnUsers: ['u'.repeat(300)] }, {}, {}, {}],
      defenderSiemTruncated: ['recommendedActions', 'comments'],
    });
    expect(shortened(bytes - 700)).toMatchObject({
      evidence: [{ hostName: 'host' }, { processId: 7 }, { processId: 8 }, {}],
      defenderSiemTruncated: ['recommendedActions', 'comments', 'evidence[].loggedOnUsers'],
    });
    expect(shortened(bytes - 1000)).toMatchObject({
      evidence: [{ hostName: 'host' }, { processId: 7 }, { fileDetails: {} }],
      defenderSiemTruncated: ['recommendedActions', 'comments', 'evidence[].loggedOnUsers', 'evidence'],
    });
  });

  test('cuts a command line at a character, and keeps what must stay', () => {
    const line = written(record.replace('12345678901234567890', '1'), 750);
    const read = JSON.parse(line) as typeof alert;
    expect(Buffer.byteLength(line)).toBeGreaterThan(740);
    expect(read).not.toHaveProperty('description');
    expect(read.evidence[1]?.processCommandLine).toMatch(/^p{255,}…$/);
    expect(read.evidence[2]?.fileDetails).toEqual({ sha256: 't'.repeat(64) });
    expect(read.lastUpdateDateTime).toBe(alert.lastUpdateDateTime);
  });

  test('is a dead letter when not even what must stay fits', () => {
    expect(format({ ...fullEvent, json: record }, 200)).toMatchObject({ kind: 'oversize' });
    expect(format({ ...fullEvent, json: '[1,2,3]' }, 5)).toMatchObject({ kind: 'oversize' });
  });

  const sizes = fc.integer({ min: 0, max: 2000 });
  test.each(['detection', 'alert', 'graph-alert', 'incident', 'entity', 'hunting-event'] as const)(
    '%s: any size is kept to',
    (kind) => {
      fc.assert(
        fc.property(fc.jsonValue({ maxDepth: 7 }), hostileText, sizes, (value, commandLine, maxBytes) => {
          const hostile = {
            ...alert,
            number: value,
            CommandLine: commandLine.repeat(50),
            Description: value,
            alerts: [{ title: commandLine, evidence: [value] }, { title: value }],
            properties: { Title: 'T', ProcessCommandLine: commandLine, RawEventData: value },
            evidence: [...alert.evidence, { url: commandLine, other: value }, value],
          };
          const event: SecurityEvent = { ...fullEvent, kind, json: JSON.stringify(hostile) };
          const formatted = format(event, maxBytes);
          if (formatted.kind === 'oversize') return;
          expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
          refuseUnsafe(formatted.text);
          const read = JSON.parse(formatted.text) as Record<string, unknown>;
          expect(read.defenderSiemTruncated ?? []).toEqual(formatted.truncated);
          if (kind !== 'detection' && kind !== 'hunting-event') expect(read).toMatchObject({ id: 'a1' });
          if (/alert|entity/.test(kind)) expect(read).toMatchObject({ title: 'Title' });
          if (kind === 'hunting-event') expect(read).toMatchObject({ properties: { Title: 'T' } });
        }),
        { numRuns: 100 },
      );
    },
  );
});
