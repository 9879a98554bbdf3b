import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { cef } from '../../src/formats/cef/cef.ts';
import { cefMapping } from '../../src/formats/cef/cef-mapping.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { leefMapping } from '../../src/formats/leef/leef-mapping.ts';
import { parseCef } from '../support/cef-parser.ts';
import { fullEvent, hostileEvent, withText } from '../support/events.ts';
import { parseLeef } from '../support/leef-parser.ts';

const formats = [
  {
    name: 'cef',
    format: cef.create(cef.options.parse({})),
    fieldsOf: (line: string) => parseCef(line).extension,
    mapping: cefMapping,
    marker: 'MSDefenderTruncated',
    order: [
      ...[
        'MSDefenderRecommendedActions',
        'MSDefenderLogonUsers',
        'msg',
        'MSDefenderDeviceTags',
        'MSDefenderTags',
      ],
      ...['MSDefenderRegistryKey', 'MSDefenderRegistryValueName', 'MSDefenderRegistryValue'],
      ...['MSDefenderFileSigner', 'sproc', 'spid', 'cs5', 'fileHash'],
    ],
    commandLine: 'cs2',
  },
  {
    name: 'leef',
    format: leef.create(leef.options.parse({})),
    fieldsOf: (line: string) => parseLeef(line).attributes,
    mapping: leefMapping,
    marker: 'truncated',
    order: [
      ...['recommendedActions', 'logonUsers', 'description', 'deviceTags', 'tags'],
      ...['registryKey', 'registryValueName', 'registryValue', 'fileSigner'],
      ...['parentProcessId', 'parentProcessStart', 'parentProcessName', 'parentProcessPath', 'md5', 'sha1'],
    ],
    commandLine: 'commandLine',
  },
];

/** No cloud resource, beside which LEEF has no second place for the registry key. */
const event: SecurityEvent = fullEvent;

describe.each(formats)(
  '$name that is too long',
  ({ format, fieldsOf, mapping, marker, order, commandLine }) => {
    const whole = format(event, Number.POSITIVE_INFINITY);
    const wholeText = whole.kind === 'formatted' ? whole.text : '';
    const wholeBytes = Buffer.byteLength(wholeText);
    const kept = mapping.filter((row) => row.importance === 'kept').map((row) => row.key);

    function shortened(of: SecurityEvent, maxBytes: number): ReadonlyMap<string, string> {
      const formatted = format(of, maxBytes);
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
      const fields = fieldsOf(formatted.text);
      expect(fields.get(marker)?.split(',') ?? []).toEqual(formatted.truncated);
      return fields;
    }

    test('is whole as long as it fits', () => {
      expect(shortened(event, wholeBytes)).toEqual(fieldsOf(wholeText));
      expect(whole).toMatchObject({ truncated: [] });
    });

    test('loses whole fields in the documented order', () => {
      const formatted = format(event, wholeBytes - 850);
      expect(formatted.kind === 'formatted' && formatted.truncated.slice(0, order.length)).toEqual(order);
    });

    test('of each size loses what goes first, and nothing that must stay', () => {
      const fieldsWhole = fieldsOf(wholeText);
      for (let maxBytes = wholeBytes; maxBytes > 0; maxBytes -= 13) {
        const formatted = format(event, maxBytes);
        if (formatted.kind === 'oversize') {
          expect(formatted.reason).toMatch(/never left out take \d+ bytes, and the sink takes \d+/);
          continue;
        }
        const fields = shortened(event, maxBytes);
        for (const key of kept) expect(fields.get(key)).toBe(fieldsWhole.get(key));
        const gone = [...fieldsWhole.keys()].filter((key) => !fields.has(key) && !key.endsWith('Label'));
        const named = formatted.truncated.filter((name) => name !== '…');
        if (named.length < formatted.truncated.length) expect(gone).toEqual(expect.arrayContaining(named));
        else expect(gone.toSorted()).toEqual(named.toSorted());
      }
    });

    test('is no dead letter for the names of what was left out: they give way last', () => {
      let dead = 0;
      let least = wholeBytes;
      while (least - dead > 1) {
        const middle = Math.floor((dead + least) / 2);
        if (format(event, middle).kind === 'formatted') least = middle;
        else dead = middle;
      }
      const fields = shortened(event, least);
      expect(fields.get(marker)).toBe('…');
      const keys = [...fields.keys()].filter((key) => key !== marker && !key.endsWith('Label'));
      expect(keys.toSorted()).toEqual(kept.filter((key) => fieldsOf(wholeText).has(key)).toSorted());
      const named =
        shortened(event, least + 60)
          .get(marker)
          ?.split(',') ?? [];
      expect(named.length).toBeGreaterThan(1);
      expect([...order.slice(0, named.length - 1), '…']).toEqual(named);
    });

    test('cuts the command line to what is left, at a character, to no less than 256', () => {
      const long = withText(event, 'process.commandLine', `${'\\😀'.repeat(1500)}end`);
      const fields = shortened(long, 4096);
      const cut = fields.get(commandLine) ?? '';
      expect(cut).toMatch(/^(?:\\😀)+\\?…$/u);
      const formatted = format(long, 4096);
      expect(formatted.kind === 'formatted' && Buffer.byteLength(formatted.text)).toBeGreaterThan(4096 - 8);
      const least = [...(shortened(long, 3400).get(commandLine) ?? '')];
      expect(least.length).toBeGreaterThanOrEqual(256);
    });

    test('cuts the file path likewise', () => {
      const path = `C:\\${'é'.repeat(900)}`;
      const long = withText(withText(event, 'file.path', path), 'process.commandLine', 'c'.repeat(255));
      const fields = shortened(long, wholeBytes + 100);
      expect(fields.get(commandLine)).toBe('c'.repeat(255));
      expect(fields.get('filePath')).toMatch(/^C:\\é+…$/);
    });

    test('loses a long URL early and a short one late', () => {
      const long = withText(event, 'url', `https://example.com/${'u'.repeat(300)}`);
      const formatted = format(long, wholeBytes - 600);
      const key = mapping.find((row) => row.fact === 64)?.key;
      expect(formatted.kind === 'formatted' && formatted.truncated).toContain(key);
      expect(shortened(event, wholeBytes - 600).has(key ?? '')).toBe(true);
    });

    test('keeps the SHA-1 where there is no SHA-256', () => {
      const without = { ...event, file: event.file && { ...event.file, sha256: undefined } };
      const key = mapping.find((row) => row.fact === 51)?.key ?? '';
      expect(shortened(without, wholeBytes - 850).has(key)).toBe(true);
    });

    test('any event is kept to any size, or told to be a dead letter', () => {
      fc.assert(
        fc.property(hostileEvent, fc.integer({ min: 0, max: 6000 }), (hostile, maxBytes) => {
          if (format(hostile, maxBytes).kind === 'formatted') shortened(hostile, maxBytes);
        }),
        { numRuns: 200 },
      );
    });
  },
);
