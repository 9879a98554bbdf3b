import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSink } from '../../src/app/sink.ts';
import type { SecurityEvent } from '../../src/event.ts';
import { readCef } from '../../src/lint/cef/cef.ts';
import { labelledKeys, producerKeys } from '../../src/lint/cef/dictionary.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { SyslogEncoder } from '../../src/sinks/syslog-encoder.ts';
import type { SyslogOptions } from '../../src/sinks/syslog-options.ts';
import { eventsOf } from '../campaign/hostile-readings.ts';
import { corpus, hostileRecords } from '../campaign/hostile-records.ts';
import { fixtures } from '../normalise/fixtures.ts';
import { testFolder } from '../support/connector-config.ts';
import { anEvent } from '../support/event.ts';
import { fullEvent, hostileEvent, textPaths, withText } from '../support/events.ts';
import { parseLeef } from '../support/leef-parser.ts';
import { noTenant } from '../support/no-tenant.ts';
import { refuseFindings } from '../support/refuse-findings.ts';
import { sinkConfig } from '../support/sink-config.ts';
import { sinkContext } from '../support/sink-contract.ts';
import { parse5424 } from '../support/syslog-parser.ts';

const seed = 20_261_103;
const tenantId = 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c';
const clock = { now: () => Date.UTC(2026, 10, 3, 8, 26, 10), random: () => 0.5, sleep: async () => {} };

/** What may come: every record of the fixtures, and what is made to break fields, sizes and readers. */
const events: readonly SecurityEvent[] = [
  ...fixtures.map(({ kind, json }) => normalise(recordOf(kind, json), { tenantId })),
  fullEvent,
  ...eventsOf(hostileRecords('hostile', seed, 60, true)),
  ...fc.sample(hostileEvent, { seed, numRuns: 60 }),
  ...corpus.flatMap((text, index) => {
    const path = textPaths[index % textPaths.length];
    return path === undefined
      ? []
      : [withText(fullEvent, path, text), withText(fullEvent, path, text.repeat(25))];
  }),
  ...['2001:db8::7', '192.168.1.7'].map((name) => {
    const { device } = fullEvent;
    return anEvent({ device: device && { ...device, name, shortName: undefined } });
  }),
];

/** The messages that a sink of this profile sends, without the frame; `oversize` counts what it does not send. */
function messagesOf(profile: string): { readonly messages: readonly Buffer[]; readonly oversize: number } {
  const config = sinkConfig(testFolder(), {
    name: 'siem',
    type: 'syslog',
    host: 'siem.example',
    hostname: '192.0.2.10',
    profile,
  });
  const { sink, format } = createSink(config, { clock, log: silentLog, monitorTokens: noTenant });
  const encoder = new SyslogEncoder(config.options as SyslogOptions, sinkContext({ clock }));
  const messages: Buffer[] = [];
  let oversize = 0;
  for (const event of events) {
    const formatted = format(event, sink.payloadBytes(event));
    if (formatted.kind === 'oversize') {
      oversize++;
      continue;
    }
    const encoded = encoder.encode({ event, text: formatted.text });
    if (encoded.kind !== 'message') throw new Error('a message that the sink itself refuses');
    const message = Buffer.from(encoded.text);
    messages.push(message);
  }
  return { messages, oversize };
}

/** Characters as the limits count them. */
const length = (text: string) => [...text].length;

/** Refuses what no receiver of lines may be sent, and what is longer than this one takes. */
function refuseBroken({ messages, oversize }: ReturnType<typeof messagesOf>, mostBytes: number): void {
  expect(Math.max(...messages.map((message) => message.length))).toBeLessThanOrEqual(mostBytes);
  expect(messages.filter((message) => /[\r\n\0]/.test(message.toString('latin1')))).toEqual([]);
  expect(oversize).toBe(0);
}

test('QRadar: payload of 4096 bytes, IBM’s header, lengths, attribute rules, no IPv6 address for a host', () => {
  const sent = messagesOf('qradar');
  refuseBroken(sent, 4096);
  for (const message of sent.messages) {
    const text = message.toString();
    const [, host = ''] = /^<1[23]\d>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S+) LEEF:2\.0\|/.exec(text) ?? [];
    expect(host).toBe('192.0.2.10');
    const record = parseLeef(text.slice(text.indexOf('LEEF:')));
    expect(record.delimiter).toBe('\t');
    expect(`${record.vendor}|${record.product}|${record.productVersion}`).toBe('Microsoft|Defender|1.0');
    expect(length(record.eventId)).toBeLessThanOrEqual(255);
    const odd = [...record.attributes.keys()].filter((key) => !/^[a-zA-Z][a-zA-Z0-9]{0,30}$/.test(key));
    expect(odd).toEqual([]);
    for (const key of ['usrName', 'identHostName', 'accountName'])
      expect(length(record.attributes.get(key) ?? '')).toBeLessThanOrEqual(255);
    const asset = record.attributes.get('identHostName') ?? '';
    expect(isIP(asset)).toBe(0);
    if (asset !== '') expect(record.attributes.has('identSrc')).toBe(true);
  }
});

test('ArcSight: the standard’s header, header lengths, each key within its column, of its type, labelled', () => {
  const sent = messagesOf('arcsight');
  refuseBroken(sent, 8096);
  for (const message of sent.messages) {
    const text = message.toString();
    expect(text).toMatch(/^<1[23]\d>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d 192\.0\.2\.10 CEF:0\|/);
    const { header, extension, findings } = readCef(text.slice(text.indexOf('CEF:')));
    refuseFindings(findings, 'error');
    if (header === undefined) throw new Error('no CEF');
    expect([header.vendor, header.product, header.version]).toEqual([
      'Microsoft',
      'Microsoft Defender ATP',
      '2.0',
    ]);
    expect(length(header.classId)).toBeLessThanOrEqual(1023);
    expect(length(header.name)).toBeLessThanOrEqual(512);
    expect(Number(header.severity)).toBeLessThanOrEqual(10);
    for (const [key, value] of extension) {
      const type = producerKeys.get(key);
      if (length(value) > (type?.type === 'string' ? type.max : 4000)) throw new Error(`${key} is too long`);
      if (labelledKeys.has(key) && !extension.has(`${key}Label`)) throw new Error(`${key} has no label`);
    }
  }
});

test.each([
  ['rsyslog', 8096],
  ['syslog-ng', 65_536],
])('%s: RFC 5424 in messages of %i bytes at most', (profile, mostBytes) => {
  const sent = messagesOf(profile);
  refuseBroken(sent, mostBytes);
  for (const message of sent.messages) expect(parse5424(message).hostname).toBe('192.0.2.10');
});
