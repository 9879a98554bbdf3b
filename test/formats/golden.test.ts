import { describe, expect, test } from 'vitest';
import { cef } from '../../src/formats/cef/cef.ts';
import { ecs } from '../../src/formats/ecs/ecs.ts';
import type { Formatter } from '../../src/formats/format.ts';
import { json } from '../../src/formats/json/json.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { ocsf } from '../../src/formats/ocsf/ocsf.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import type { RecordKind } from '../../src/record.ts';
import { acceptedAtMs, fixtures } from '../normalise/fixtures.ts';
import { parseCef } from '../support/cef-parser.ts';
import { parseEcs } from '../support/ecs-reader.ts';
import { parseLeef } from '../support/leef-parser.ts';
import { parseOcsf } from '../support/ocsf-reader.ts';

interface Case {
  readonly name: string;
  readonly format: Formatter;
  readonly parse: (line: string) => unknown;
}

const formats: readonly Case[] = [
  { name: 'cef', format: cef.create(cef.options.parse({})), parse: parseCef },
  { name: 'leef-2.0', format: leef.create(leef.options.parse({})), parse: parseLeef },
  { name: 'leef-1.0', format: leef.create(leef.options.parse({ version: '1.0' })), parse: parseLeef },
  { name: 'json', format: json.create({}), parse: JSON.parse },
  { name: 'ecs', format: ecs.create({ original: false }), parse: parseEcs },
  { name: 'ocsf', format: ocsf.create({ version: '1.8.0', raw: false }), parse: parseOcsf },
];

const context = { tenantId: 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c' };
/** Kinds of which all records stand in one golden file. */
const together: Readonly<Partial<Record<RecordKind, string>>> = {
  incident: 'incidents',
  'hunting-event': 'hunting-events',
  device: 'devices',
  entity: 'entities',
};
const events = fixtures.map(({ name, kind, json: text }) => ({
  file: together[kind] ?? name.replace(/:\d+$/, '').replace('/', '.'),
  name,
  event: normalise({ ...recordOf(kind, text), acceptedAtMs }, context),
}));
const files = Map.groupBy(events, ({ file }) => file);

describe.each(formats)('$name', ({ name, format, parse }) => {
  test.each([...files])('of %s is as blessed, and strict readers take it', async (file, records) => {
    const lines = records.map(({ event }) => {
      const formatted = format(event, Number.POSITIVE_INFINITY);
      if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
      parse(formatted.text);
      return `${formatted.text}\n`;
    });
    await expect(lines.join('')).toMatchFileSnapshot(`golden/${name}/${file}.txt`);
  });

  test.each([480, 1024, 2048, 4096, 8192])('in %i bytes stays readable', (maxBytes) => {
    for (const { event } of events) {
      const formatted = format(event, maxBytes);
      if (formatted.kind === 'oversize') continue;
      expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
      parse(formatted.text);
    }
  });

  test('every record fits into 4096 bytes', () => {
    for (const { name: record, event } of events) expect(format(event, 4096).kind, record).toBe('formatted');
  });
});
