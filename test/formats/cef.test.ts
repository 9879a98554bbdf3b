import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { cef, escapeExtension } from '../../src/formats/cef/cef.ts';
import { escapeHeader } from '../../src/formats/cef/cef-header.ts';
import { cefMapping } from '../../src/formats/cef/cef-mapping.ts';
import { parseCef } from '../support/cef-parser.ts';
import { cleanedLine, cleanedLines } from '../support/cleaned.ts';
import { fullEvent, hostileEvent, hostileText, textPaths, withText } from '../support/events.ts';

const format = cef.create(cef.options.parse({}));

function written(event: SecurityEvent, maxBytes = Number.POSITIVE_INFINITY): string {
  const formatted = format(event, maxBytes);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted.text;
}

function extensionOf(event: SecurityEvent): ReadonlyMap<string, string> {
  return parseCef(written(event)).extension;
}

/** What the mapping's value of a row should be when read back. */
function expected(event: SecurityEvent): Map<string, string> {
  const fields = new Map<string, string>();
  for (const { key, label, type, value } of cefMapping) {
    const text = value(event) ?? '';
    const read = type.max === undefined ? (type.read(text) ?? '') : cleanedLines(text, type.max);
    if (read === '') continue;
    fields.set(key, read);
    if (label !== undefined) fields.set(`${key}Label`, label);
  }
  return fields;
}

describe('escaping (formats reference §2.3)', () => {
  test.each([
    ['a pipe stays as it is', 'a|b', 'a|b'],
    ['an equals sign is escaped', 'a=b', String.raw`a\=b`],
    ['a backslash is escaped', 'a\\b', String.raw`a\\b`],
    ['a backslash at the end does not eat the next field', 'a\\', String.raw`a\\`],
    ['line breaks are escaped', 'a\r\nb', String.raw`a\r\nb`],
    ['a TAB stays', 'a\tb', 'a\tb'],
  ])('extension: %s', (_rule, value, escaped) => expect(escapeExtension(value)).toBe(escaped));

  test.each([
    ['a pipe is escaped', 'a|b', String.raw`a\|b`],
    ['an equals sign stays', 'a=b', 'a=b'],
    ['a backslash is escaped', 'a\\b', String.raw`a\\b`],
  ])('header: %s', (_rule, value, escaped) => expect(escapeHeader(value)).toBe(escaped));
});

describe('header', () => {
  test('names vendor, product, version, detector, title and severity', () => {
    expect(parseCef(written(fullEvent)).header).toEqual({
      vendor: 'Microsoft',
      product: 'Microsoft Defender for Endpoint',
      version: '1.0',
      classId: 'e0da400f-affd-43ef-b1d5-afc2eb6f2756',
      name: 'Suspicious credential access',
      severity: 8,
    });
  });

  test('falls back to the category as class ID, and never leaves a field empty', () => {
    expect(parseCef(written({ ...fullEvent, detectorId: undefined })).header.classId).toBe(
      'CredentialAccess',
    );
    const { header } = parseCef(
      written({ ...fullEvent, detectorId: ' ', category: undefined, title: '\n', product: '' }),
    );
    expect(header).toMatchObject({
      classId: 'Unknown',
      name: 'Untitled alert',
      product: 'Microsoft Defender',
    });
  });

  test('takes vendor, product, version and severity numbers from the options', () => {
    const options = cef.options.parse({
      vendor: 'Contoso',
      product: 'Microsoft Defender ATP',
      version: '2.0',
      severity: { high: 10 },
    });
    const formatted = cef.create(options)(fullEvent, Number.POSITIVE_INFINITY);
    expect(formatted.kind === 'formatted' && parseCef(formatted.text).header).toMatchObject({
      vendor: 'Contoso',
      product: 'Microsoft Defender ATP',
      version: '2.0',
      severity: 10,
    });
  });

  test.each([
    [{ severity: { high: 11 } }],
    [{ product: 'x'.repeat(64) }],
    [{ version: '' }],
    [{ colour: 'red' }],
  ])('refuses options %j', (options) => expect(cef.options.safeParse(options).success).toBe(false));

  test('cuts a long title and says so', () => {
    const { header, extension } = parseCef(written({ ...fullEvent, title: '😀'.repeat(513) }));
    expect(header.name).toBe(`${'😀'.repeat(511)}…`);
    expect(extension.get('MSDefenderTruncated')).toBe('name');
  });
});

describe('keys that Defender data does not fit', () => {
  test('an id of more than 40 characters goes by its SHA-1, and whole beside it', () => {
    const id = `${'x'.repeat(40)}é`;
    const extension = extensionOf({ ...fullEvent, id });
    expect(extension.get('externalId')).toBe(createHash('sha1').update(id).digest('hex'));
    expect(extension.get('MSDefenderAlertId')).toBe(id);
    expect(extensionOf(fullEvent).has('MSDefenderAlertId')).toBe(false);
  });

  test('an IPv6 address never stands in a key of IPv4', () => {
    const extension = extensionOf({
      ...fullEvent,
      network: {
        ...(fullEvent.network ?? { remoteIsDestination: false, country: undefined, protocol: undefined }),
        remoteIp: undefined,
        remoteIsDestination: false,
        sourceIp: '2001:db8::1',
        sourcePort: '1',
        destinationIp: '2001:db8::2',
        destinationPort: '2',
      },
    });
    expect(extension.has('src')).toBe(false);
    expect(extension.has('dst')).toBe(false);
    expect(extension.get('c6a2')).toBe('2001:db8::1');
    expect(extension.get('c6a3')).toBe('2001:db8::2');
    expect(extension.get('c6a1')).toBe('2001:db8::7');
    expect(extension.get('dvc')).toBe('192.168.1.7');
  });

  test('a host name of more than 100 characters is in dvchost by its label only', () => {
    const name = `host.${'d'.repeat(100)}.example`;
    const device = fullEvent.device && { ...fullEvent.device, name, shortName: 'host' };
    const extension = extensionOf({ ...fullEvent, device });
    expect(extension.get('dvchost')).toBe('host');
    expect(extension.get('shost')).toBe(name);
  });

  test('numbers that their key cannot hold stand as text under an own key', () => {
    const extension = extensionOf({
      ...fullEvent,
      incidentId: 'sentinel-guid',
      process: fullEvent.process && { ...fullEvent.process, pid: '4294967295', parentPid: '-1' },
      file: fullEvent.file && { ...fullEvent.file, size: '2147483648' },
    });
    expect(Object.fromEntries(extension)).toMatchObject({
      MSDefenderIncidentId: 'sentinel-guid',
      MSDefenderProcessId: '4294967295',
      MSDefenderParentProcessId: '-1',
      MSDefenderFileSize: '2147483648',
    });
    for (const key of ['cn3', 'cn3Label', 'dpid', 'spid', 'fsize']) expect(extension.has(key)).toBe(false);
  });

  test('times are 13-digit milliseconds, cut down; what is no time is left out', () => {
    const extension = extensionOf({
      ...fullEvent,
      firstActivity: '0001-01-01T00:00:00Z',
      lastActivity: 'soon',
    });
    expect(extension.get('rt')).toBe('1793694370123');
    expect(extension.has('start')).toBe(false);
    expect(extension.has('end')).toBe(false);
  });

  test('a value over its limit is cut to it and marked', () => {
    const extension = extensionOf({ ...fullEvent, description: 'é'.repeat(1024), status: 's'.repeat(63) });
    expect(extension.get('msg')).toBe(`${'é'.repeat(1022)}…`);
    expect(extension.get('outcome')).toBe('s'.repeat(63));
    expect(extension.get('MSDefenderTruncated')).toBe('msg');
  });
});

describe('no forgery', () => {
  test('of every event a strict reader gets back exactly the cleaned values', () => {
    fc.assert(
      fc.property(hostileEvent, (event) => {
        const line = written(event);
        const { header, extension } = parseCef(line);
        const read = new Map(extension);
        read.delete('MSDefenderTruncated');
        expect(read).toEqual(expected(event));
        expect(header.name).toBe(cleanedLine(event.title ?? '', '', '', 512) || 'Untitled alert');
        expect(header.product).toBe(cleanedLine(event.product, '', '', 63) || 'Microsoft Defender');
        expect(header.classId).toBe(cleanedLine(event.detectorId ?? '', '', '', 1023) || 'Unknown');
      }),
      { numRuns: 300 },
    );
  });

  test('text in one fact changes no other key, and the header only where it stands there', () => {
    const base = parseCef(written(fullEvent));
    const rows = cefMapping.map((row) => ({ ...row, before: row.value(fullEvent) }));
    const inHeader = ['title', 'product', 'detectorId'];
    fc.assert(
      fc.property(fc.constantFrom(...textPaths), hostileText, (path, text) => {
        const event = withText(fullEvent, path, text);
        const read = parseCef(written(event));
        const own = rows.filter((row) => row.value(event) !== row.before).map((row) => row.key);
        const others = (extension: ReadonlyMap<string, string>): [string, string][] =>
          [...extension].filter(
            ([key]) => !own.includes(key.replace(/Label$/, '')) && key !== 'MSDefenderTruncated',
          );
        expect(others(read.extension)).toEqual(others(base.extension));
        if (!inHeader.includes(path)) expect(read.header).toEqual(base.header);
      }),
      { numRuns: 300 },
    );
  });
});
