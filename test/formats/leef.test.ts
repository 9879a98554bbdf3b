import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { leefMapping } from '../../src/formats/leef/leef-mapping.ts';
import { cleanedLine } from '../support/cleaned.ts';
import { fullEvent, hostileEvent, hostileText, textPaths, withText } from '../support/events.ts';
import { type LeefRecord, parseLeef } from '../support/leef-parser.ts';

const candidates = '^~@#!$%&;,?+*{}[]<>`';

function written(event: SecurityEvent, options: object = {}): string {
  const formatted = leef.create(leef.options.parse(options))(event, Number.POSITIVE_INFINITY);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted.text;
}

function read(event: SecurityEvent, options: object = {}): LeefRecord {
  return parseLeef(written(event, options));
}

/** What the mapping's values should be when read back from a record with this delimiter. */
function expected(event: SecurityEvent, delimiter: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const { key, type, value } of leefMapping) {
    const text = value(event) ?? '';
    const clean =
      type.max === undefined ? (type.read(text) ?? '') : cleanedLine(text, delimiter, ' ', type.max);
    if (clean !== '') fields.set(key, clean);
  }
  return fields;
}

describe('header', () => {
  test('is constant but for the category', () => {
    expect(read(fullEvent)).toMatchObject({
      version: '2.0',
      vendor: 'Microsoft',
      product: 'Defender',
      productVersion: '1.0',
      eventId: 'CredentialAccess',
    });
  });

  test.each([
    ['a pipe becomes a slash', 'a|b', 'a/b'],
    ['a line break becomes a space', 'a\r\n\tb', 'a b'],
    ['none is Unknown', undefined, 'Unknown'],
    ['white space is none', ' \n', 'Unknown'],
    ['more than 255 characters are cut', 'x'.repeat(256), `${'x'.repeat(254)}…`],
    ['a backslash at the end, which would take the pipe with it', 'a\\', 'a/'],
  ])('EventID: %s', (_rule, category, eventId) =>
    expect(read({ ...fullEvent, category }).eventId).toBe(eventId),
  );
});

describe('delimiter', () => {
  test('auto takes the first printable one that no value holds', () => {
    const commandLine = (text: string): SecurityEvent => withText(fullEvent, 'process.commandLine', text);
    expect(read(commandLine('plain')).delimiter).toBe('^');
    expect(read(commandLine('cmd ^/c')).delimiter).toBe('~');
    expect(read(commandLine('cmd ^/c ~')).delimiter).toBe('#');
  });

  test('auto falls back to ^, which values then lose', () => {
    const record = read(withText(fullEvent, 'process.commandLine', `^${candidates}^a^b^`));
    expect(record.delimiter).toBe('^');
    expect(record.attributes.get('commandLine')).toBe(`${candidates.slice(1)} a b`);
    const nothingLeft = read({ ...withText(fullEvent, 'title', '^'), description: candidates });
    expect(nothingLeft.attributes.has('title')).toBe(false);
  });

  test('tab is written as its code', () => {
    expect(written(fullEvent, { delimiter: 'tab' })).toContain(
      '|CredentialAccess|x09|devTime=1793694370123\tsev=8\t',
    );
  });

  test('a configured one is taken from values', () => {
    const record = read(withText(fullEvent, 'process.commandLine', '|a||b|'), { delimiter: '|' });
    expect(record.delimiter).toBe('|');
    expect(record.attributes.get('commandLine')).toBe('a  b');
  });

  test('LEEF 1.0 has no delimiter field, and TAB', () => {
    expect(written(fullEvent, { version: '1.0' })).toMatch(
      /^LEEF:1\.0\|Microsoft\|Defender\|1\.0\|CredentialAccess\|devTime=1793694370123\tsev=8\t/,
    );
  });

  test.each([
    [{ delimiter: 'a' }],
    [{ delimiter: '=' }],
    [{ delimiter: ' ' }],
    [{ delimiter: '^^' }],
    [{ delimiter: 'é' }],
    [{ delimiter: '\n' }],
    [{ version: '3.0' }],
    [{ version: '1.0', delimiter: '^' }],
  ])('refuses options %j', (options) => expect(leef.options.safeParse(options).success).toBe(false));
});

describe('attributes', () => {
  test('identHostName stands only beside identSrc', () => {
    const device = fullEvent.device && {
      ...fullEvent.device,
      ipAddresses: ['127.0.0.1', 'fe80::1%eth0', 'none'],
    };
    const { attributes } = read({ ...fullEvent, device });
    expect(attributes.has('identSrc')).toBe(false);
    expect(attributes.has('identHostName')).toBe(false);
    expect(attributes.get('deviceName')).toBe('liz-bean.contoso.com');
    expect(read(fullEvent).attributes.get('identSrc')).toBe('192.168.1.7');
  });

  test.each([
    ['unknown', '1'],
    ['informational', '2'],
    ['low', '4'],
    ['medium', '6'],
    ['high', '8'],
    ['critical', '10'],
  ] as const)('severity %s is %s', (severity, sev) =>
    expect(read({ ...fullEvent, severity }).attributes.get('sev')).toBe(sev),
  );

  test('a name over its limit is cut to it and marked', () => {
    const { attributes } = read(withText(fullEvent, 'user.name', 'u'.repeat(256)));
    expect(attributes.get('usrName')).toBe(`${'u'.repeat(254)}…`);
    expect(attributes.get('truncated')).toBe('usrName');
  });
});

describe('no forgery', () => {
  test.each([{}, { delimiter: 'tab' }, { delimiter: '^' }, { delimiter: ';' }, { version: '1.0' }])(
    'of every event a strict reader gets back exactly the cleaned values: %j',
    (options) => {
      fc.assert(
        fc.property(hostileEvent, (event) => {
          const line = written(event, options);
          const record = parseLeef(line);
          const attributes = new Map(record.attributes);
          attributes.delete('truncated');
          const all = [...candidates].every((candidate) => line.split(candidate).length > 1);
          const constant = 'delimiter' in options && record.delimiter !== '\t';
          const forbidden = constant || all ? record.delimiter : '';
          expect(attributes).toEqual(expected(event, forbidden));
          expect(record.eventId).toBe(
            cleanedLine(event.category ?? '', '|', '/', 255).replace(/\\$/, '/') || 'Unknown',
          );
        }),
        { numRuns: 100 },
      );
    },
  );

  test('text in one fact changes no other attribute, and the header only as the category', () => {
    const { attributes: before, ...header } = read(fullEvent);
    const rows = leefMapping.map((row) => ({ ...row, before: row.value(fullEvent) }));
    fc.assert(
      fc.property(fc.constantFrom(...textPaths), hostileText, (path, text) => {
        const event = withText(fullEvent, path, text);
        const { attributes, ...after } = read(event);
        const own = rows.filter((row) => row.value(event) !== row.before).map((row) => row.key);
        const others = (all: ReadonlyMap<string, string>): [string, string][] =>
          [...all].filter(([key]) => !own.includes(key) && key !== 'truncated');
        expect(others(attributes)).toEqual(others(before));
        if (path !== 'category') expect({ ...after, delimiter: '' }).toEqual({ ...header, delimiter: '' });
      }),
      { numRuns: 300 },
    );
  });
});
