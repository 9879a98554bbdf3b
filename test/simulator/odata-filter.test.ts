import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilter, type FilterSchema, type FilterValue } from '../../src/simulator/odata-filter.ts';
import { ODataError } from '../../src/simulator/odata-tokens.ts';

const defender: FilterSchema = {
  properties: { lastUpdateTime: 'time', incidentId: 'number', title: 'text', assignedTo: 'text' },
  anyCase: true,
  functions: true,
  unknownProperty: (name) => `no property '${name}'`,
};
const graph: FilterSchema = { ...defender, anyCase: false, functions: false };
const record: Readonly<Record<string, FilterValue>> = {
  lastUpdateTime: '2026-09-01T10:00:00.1234567Z',
  incidentId: 4711,
  title: "it's here",
  assignedTo: null,
};
const passes = (filter: string, schema = defender) =>
  compileFilter(filter, schema)((name) => record[name] ?? null);

describe('a filter on a Defender host', () => {
  test.each([
    ['lastUpdateTime ge 2026-09-01T10:00:00.1234567Z', true],
    ['lastUpdateTime gt 2026-09-01T10:00:00.1234567Z', false],
    ['lastUpdateTime gt 2026-09-01T10:00:00.1234566Z', true],
    ['lastUpdateTime lt 2026-09-01T10:00:00.1234568Z', true],
    ['lastUpdateTime gt 2026-09-01T10:00:00Z', true],
    ['lastUpdateTime ge 2026-09-01Z', true],
    ['lastUpdateTime lt 2026-09-01T12:00:00+02:00', false],
    ['LASTUPDATETIME le 2026-09-02T00:00:00.5Z', true],
    ['incidentId eq 4711', true],
    ['incidentId ne 4711', false],
    ['incidentId in (1, 4711)', true],
    ['incidentId in (1,2)', false],
    ["title eq 'it''s here'", true],
    ["startswith(title,'it')", true],
    ["contains(title, '''s')", true],
    ["not contains(title,'x')", true],
    ["not (incidentId eq 4711 or title eq 'x')", false],
    ['assignedTo eq null', true],
    ['assignedTo ne null', false],
    ["assignedTo ne 'somebody'", true],
    ["assignedTo gt 'a'", false],
    ['incidentId eq 1 or incidentId eq 4711 and title eq null', false],
    ['(incidentId eq 1 or incidentId eq 4711) and title ne null', true],
    ['incidentId EQ 4711 AND title ne null', true],
  ])('%s is %s', (filter, expected) => expect(passes(filter)).toBe(expected));

  test.each([
    ['an unknown property', "nonsense eq 'x'"],
    ['a text where a time belongs', "lastUpdateTime ge '2026-09-01T00:00:00Z'"],
    ['a time where a text belongs', 'title eq 2026-09-01T00:00:00Z'],
    ['eight fractional digits', 'lastUpdateTime ge 2026-09-01T00:00:00.12345678Z'],
    ['a day that does not exist', 'lastUpdateTime ge 2026-02-30T00:00:00Z'],
    ['an unfinished text', "title eq 'x"],
    ['an unfinished comparison', 'incidentId eq'],
    ['an unfinished conjunction', 'incidentId eq 1 and'],
    ['something after the end', 'incidentId eq 1 1'],
    ['an unbalanced parenthesis', '(incidentId eq 1'],
    ['an unknown operator', 'incidentId like 1'],
    ['an unknown function', "endswith(title,'x')"],
    ['an empty list', 'incidentId in ()'],
    ['nothing at all', ''],
    ['a nesting without end', `${'('.repeat(200)}incidentId eq 1${')'.repeat(200)}`],
  ])('refuses %s', (_what, filter) => expect(() => passes(filter)).toThrow(ODataError));

  test('text means what it says, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", 'a', ' ', '(', '\u2028', '\ud800', '🦊', ' eq ') }),
        (text) => {
          const filter = compileFilter(`title eq '${text.replaceAll("'", "''")}'`, defender);
          expect(filter(() => text)).toBe(true);
          expect(filter(() => `${text}x`)).toBe(false);
        },
      ),
    );
  });

  test('any text is a filter or an ODataError', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'title',
        "'a'",
        'eq',
        'and',
        'not',
        '(',
        ')',
        ',',
        'in',
        '1',
        'null',
        '2026-01-01',
        '$',
        "'",
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((words) => words.join(' ')),
        ),
        (filter) => {
          try {
            compileFilter(filter, defender);
          } catch (error) {
            expect(error).toBeInstanceOf(ODataError);
          }
        },
      ),
    );
  });
});

describe('a filter on Graph', () => {
  test.each(['INCIDENTID eq 4711', 'incidentId EQ 4711', 'not incidentId eq 1', "startswith(title,'it')"])(
    'refuses %s',
    (filter) => expect(() => passes(filter, graph)).toThrow(ODataError),
  );

  test('takes names as they are written', () => expect(passes('incidentId in (4711)', graph)).toBe(true));
});

describe('a filter on the directory', () => {
  const directory: FilterSchema = {
    properties: { tags: 'texts', displayName: 'text' },
    anyCase: false,
    functions: true,
    anyCaseText: true,
    unknownProperty: (name) => `no property '${name}'`,
  };
  const application: Readonly<Record<string, FilterValue>> = {
    tags: ['defender-siem', 'SIEM:Contoso'],
    displayName: 'Defender-SIEM',
  };
  const found = (filter: string) => compileFilter(filter, directory)((name) => application[name] ?? null);

  test.each([
    ["tags/any(t:t eq 'siem:contoso')", true],
    ["tags/any(t : t eq 'other')", false],
    ["not tags/any(x:x eq 'other') and displayName eq 'defender-siem'", true],
    ["displayName in ('a','DEFENDER-SIEM')", true],
    ["startswith(displayName,'defender')", true],
  ])('%s is %s', (filter, expected) => expect(found(filter)).toBe(expected));

  test.each([
    ['texts compared as one', "tags eq 'x'"],
    ['texts in a function', "contains(tags,'x')"],
    ['another variable', "tags/any(t:x eq 'x')"],
    ['another operator', "tags/any(t:t ne 'x')"],
    ['no text', 'tags/any(t:t eq 5)'],
    ['one text taken for several', "displayName/any(t:t eq 'x')"],
    ['an unknown property', "others/any(t:t eq 'x')"],
    ['an unfinished one', "tags/any(t:t eq 'x'"],
  ])('%s is refused', (_what, filter) => {
    expect(() => found(filter)).toThrow(ODataError);
  });
});
