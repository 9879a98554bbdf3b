import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecurityEvent } from '../../src/event.ts';
import { ip } from '../../src/formats/address.ts';
import { type DocumentShape, documentFields, documentFormatter } from '../../src/formats/document.ts';
import {
  booleanType,
  type DocumentRow,
  field,
  formedType,
  jsonType,
  numberType,
  objects,
  textType,
  type ValueRow,
} from '../../src/formats/document-row.ts';
import { integer64 } from '../../src/formats/number-text.ts';
import { cleanedText } from '../support/cleaned.ts';
import { fullEvent, hostileEvent } from '../support/events.ts';

const text = textType('text');
const short = textType('text', 8);
const address = formedType('address', ip);
const long = numberType('long', integer64);

const rows = [
  field(31, 'time', text, 'kept', (e) => e.updated),
  field(33, 'host.name', text, 'kept', (e) => e.device?.name),
  field(5, 'note', text, 'description', (e) => e.description),
  field(37, 'host.ip[]', address, 'other', (e) => e.device?.ipAddresses),
  field(4, 'rule.deep.title', short, 'other', (e) => e.title),
  field(14, 'rule.id', text, 'other', (e) => e.detectorId),
  field(57, 'process.pid', long, 'other', (e) => e.process?.pid),
  field(56, 'process.command', text, 'commandLine', (e) => e.process?.commandLine),
  field(61, 'running', booleanType('boolean'), 'other', (e) => e.process?.runningWhenDetected),
  field(undefined, 'raw', jsonType('object'), 'other', (e) => e.json),
  objects(80, 'evidence[]', textType('nested'), 'furtherEvidence', (e: SecurityEvent) => e.evidence, [
    field(undefined, 'type', short, 'kept', (item) => item.type),
    field(undefined, 'role.list[]', text, 'kept', (item) => item.roles),
    field(80, 'verdict', text, 'kept', (item) => item.verdict),
  ]),
] as const satisfies readonly DocumentRow[];

const nested: DocumentShape = { nested: true, truncated: { path: 'meta.truncated[]', type: text } };
const flat: DocumentShape = { nested: false, truncated: { path: 'truncated', type: text } };

function written(event: SecurityEvent, shape = nested, maxBytes = Number.POSITIVE_INFINITY) {
  const formatted = documentFormatter(rows, shape)(event, maxBytes);
  if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
  return formatted;
}

/** What stands at the end of each path; undefined where nothing does. */
function at(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], document);
}

/** What a reader should find of a row of text; undefined for nothing. */
function expected({ type, value }: ValueRow, event: SecurityEvent): unknown {
  const cleaned = (one: string): string =>
    cleanedText((type.read === undefined ? one : type.read(one)) ?? '', type.max);
  const found = value(event, []);
  if (typeof found === 'string') return cleaned(found) || undefined;
  const list = Array.isArray(found) ? found.map(cleaned).filter((one) => one !== '') : [];
  return list.length === 0 ? undefined : list;
}

describe('a table of rows', () => {
  test('becomes one object, the fields of one object together, numbers with their digits', () => {
    expect(written({ ...fullEvent, json: '{"a":1.50}', title: 'Title' }).text).toBe(
      '{"time":"2026-11-03T08:26:10.1234567Z","host":{"name":"liz-bean.contoso.com","ip":["127.0.0.1","fe80::1","192.168.1.7","2001:db8::7"]},"note":"A process read the memory of LSASS.\\nSecond line.","rule":{"deep":{"title":"Title"},"id":"e0da400f-affd-43ef-b1d5-afc2eb6f2756"},"process":{"pid":7316,"command":"procdump64.exe -ma lsass.exe C:\\\\Temp\\\\l.dmp \\"a=b|c\\""},"running":true,"raw":{"a":1.50},"evidence":[{"type":"fileEvi…","verdict":"malicious"}],"meta":{"truncated":["evidence.type"]}}',
    );
  });

  test('becomes a flat object where that is wanted', () => {
    expect(JSON.parse(written(fullEvent, flat).text)).toMatchObject({
      'host.name': 'liz-bean.contoso.com',
      'rule.deep.title': 'Suspici…',
      truncated: 'rule.deep.title,evidence.type',
    });
  });

  test('tells its fields in the order written, with fact and type', () => {
    expect(documentFields(rows, nested).map(({ name }) => name)).toEqual([
      ...['time', 'host.name', 'host.ip[]', 'note', 'rule.deep.title', 'rule.id'],
      ...['process.pid', 'process.command', 'running', 'raw'],
      ...['evidence[].type', 'evidence[].role.list[]', 'evidence[].verdict', 'meta.truncated[]'],
    ]);
    expect(documentFields(rows, flat).at(6)).toEqual({ name: 'process.pid', fact: 57, type: 'long' });
  });

  test.each(['time', 'host', 'host.name.first', 'host.ip'])('with %s twice is a mistake', (path) => {
    const twice = [...rows, field(undefined, path, text, 'other', () => undefined)];
    expect(() => documentFormatter(twice, nested)).toThrow('twice');
  });

  test('writes an event that has none of it as an empty object', () => {
    const none = documentFormatter([field(1, 'a.b', text, 'kept', () => ' \n')], nested);
    expect(none(fullEvent, 2)).toEqual({ kind: 'formatted', text: '{}', truncated: [] });
  });
});

describe('whatever the event', () => {
  const event = { ...fullEvent, json: '{}' };

  test('the document is JSON on one line that holds the cleaned values and nothing else', () => {
    fc.assert(
      fc.property(hostileEvent, (hostile) => {
        const { text: line } = written({ ...hostile, json: '{}' });
        expect(line).not.toMatch(/[^ -~\u00a0-\u2027\u202a-\uffff]/);
        expect(line.isWellFormed()).toBe(true);
        const document: unknown = JSON.parse(line);
        for (const row of rows) {
          if (!('value' in row) || row.type.form !== 'text') continue;
          expect(at(document, row.path.replace('[]', ''))).toEqual(expected(row, hostile));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the document fits, names what is lacking, and keeps what is never left out', () => {
    fc.assert(
      fc.property(hostileEvent, fc.integer({ min: 0, max: 1500 }), (hostile, maxBytes) => {
        const formatted = documentFormatter(rows, nested)({ ...hostile, json: '{}' }, maxBytes);
        if (formatted.kind === 'oversize') return;
        expect(Buffer.byteLength(formatted.text)).toBeLessThanOrEqual(maxBytes);
        const document: unknown = JSON.parse(formatted.text);
        expect(at(document, 'meta.truncated') ?? []).toEqual(formatted.truncated);
        expect(at(document, 'time')).toEqual(
          at(JSON.parse(written({ ...hostile, json: '{}' }).text), 'time'),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('evidence goes from the end, one by one', () => {
    const evidence = Array.from({ length: 9 }, (_, number) => ({ ...aPiece, type: `e${number}` }));
    const whole = written({ ...event, evidence, title: 'T' }).text;
    const { text: line, truncated } = written(
      { ...event, evidence, title: 'T' },
      nested,
      Buffer.byteLength(whole) - 10,
    );
    expect(truncated).toEqual(['evidence']);
    expect((at(JSON.parse(line), 'evidence') as { type: string }[]).map(({ type }) => type)).toEqual(
      evidence.slice(0, -2).map(({ type }) => type),
    );
  });
});

const aPiece = {
  type: 'e',
  created: undefined,
  verdict: 'malicious',
  remediationStatus: undefined,
  remediationDetails: undefined,
  detectionStatus: undefined,
  roles: [],
  detailedRoles: [],
  tags: [],
};
