import { expect, test } from 'vitest';
import { cef } from '../../../src/formats/cef/cef.ts';
import { anyEntity, entityKinds } from '../../../src/normalise/entity-kinds.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { fixtures } from '../../normalise/fixtures.ts';
import { parseCef } from '../../support/cef-parser.ts';
import { type Analysed, type KqlFunction, Kusto, stubOf } from '../../support/kusto.ts';
import { commonSecurityLogColumns, knownKeys } from './common-security-log.ts';
import { fileText, parsers, rules } from './content-files.ts';
import { readmeBlocks } from './readme-blocks.ts';
import { streamColumns } from './stream-columns.ts';
import { workbookQueries } from './workbook.ts';

const tables = { Defender_CL: streamColumns, CommonSecurityLog: commonSecurityLogColumns };

/** Each function analysed, those that it calls being declared by what they yield. */
const analysed = new Map<string, Analysed>();
const stubs: KqlFunction[] = [];
for (const parser of [...parsers].sort((a, b) => b.name.localeCompare(a.name))) {
  const found = new Kusto(tables, stubs).analyseFunction(parser);
  analysed.set(parser.name, found);
  stubs.push(stubOf(parser, found));
}
const kusto = new Kusto(tables, stubs);
const cefKeys = new Set(cef.fields.map(({ name }) => name));

test('the parser complains of a column that no format writes, and of a function that is not there', () => {
  expect(kusto.analyse('Defender_CL | where NoSuchColumn == 1').complaints).not.toEqual([]);
  expect(kusto.analyse('CommonSecurityLog | project DeviceFacility').complaints).not.toEqual([]);
  expect(kusto.analyse('NoSuchFunction()').complaints).not.toEqual([]);
});

test.each([...analysed])('the function %s is sound', (_name, { complaints }) => {
  expect(complaints).toEqual([]);
});

const mandatory = [
  'TimeGenerated EventCount EventStartTime EventEndTime EventType EventUid EventProduct EventVendor EventSchema EventSchemaVersion',
  'EventSeverity DvcIpAddr DvcHostname DvcDomain DvcDomainType DvcFQDN DvcId DvcIdType AlertName AlertStatus AlertVerdict',
  'AlertId AlertDescription User Hostname IpAddr Rule Dvc ASimMatchingIpAddr IngestedTime',
].flatMap((names) => names.split(' '));

test('both ASIM parsers yield the columns of the schema, its aliases, and take its filters', () => {
  for (const name of ['vimAlertEventDefenderSiem', 'vimAlertEventDefenderSiemCef']) {
    const parser = parsers.find((each) => each.name === name);
    if (parser === undefined) throw new Error(name);
    const columns = Object.keys(analysed.get(name)?.columns ?? {});
    expect(mandatory.filter((column) => !columns.includes(column))).toEqual([]);
    expect(parser.file.ParserParams.map((parameter) => parameter.Name)).toEqual([
      'starttime',
      'endtime',
      'ipaddr_has_any_prefix',
      'hostname_has_any',
      'username_has_any',
      'attacktactics_has_any',
      'attacktechniques_has_any',
      'threatcategory_has_any',
      'alertverdict_has_any',
      'eventseverity_has_any',
      'disabled',
    ]);
    const call = `${name}(starttime=ago(1d), hostname_has_any=dynamic(['a']), eventseverity_has_any=dynamic(['High']))`;
    expect(kusto.analyse(call).complaints).toEqual([]);
  }
});

test('every key of the standard that our CEF writes has its column', () => {
  const own = /^(MSDefender|DefenderSiem)|Label$/;
  expect([...cefKeys].filter((key) => !own.test(key) && !knownKeys.includes(key))).toEqual([]);
});

test('what is read from AdditionalExtensions are keys that our CEF writes', () => {
  const read = parsers.flatMap(({ body }) =>
    [...body.matchAll(/\(\?:\^\|;\)(\w+)=/g)].map(([, key]) => key ?? ''),
  );
  expect(read.length).toBeGreaterThan(15);
  expect(read.filter((key) => !cefKeys.has(key))).toEqual([]);
});

test('by CEF, the parser takes every alert and detection for one, and no record of another kind', () => {
  const body = parsers.find(({ name }) => name === 'vimAlertEventDefenderSiemCef')?.body ?? '';
  const classes: readonly string[] = JSON.parse(
    /let otherClasses = dynamic\((.*?)\);/s.exec(body)?.[1] ?? '',
  );
  const table = new RegExp(/matches regex @'(.*?)'/.exec(body)?.[1] ?? '^$');
  const named = ['incident', 'device', ...[...entityKinds, anyEntity].map(({ name }) => name)];
  expect([...classes].sort()).toEqual([...new Set(named)].sort());
  const format = cef.create(cef.options.parse({}));
  for (const { name, kind, json } of fixtures) {
    const formatted = format(normalise(recordOf(kind, json), {}), Number.POSITIVE_INFINITY);
    if (formatted.kind !== 'formatted') throw new Error(formatted.reason);
    const { classId } = parseCef(formatted.text).header;
    const taken = !classes.includes(classId) && !table.test(classId);
    expect(taken, name).toBe(kind === 'alert' || kind === 'graph-alert' || kind === 'detection');
  }
});

test.each([...rules])('the rule %s is sound, and what it shows are columns of its result', (_name, rule) => {
  const { complaints, columns } = kusto.analyse(rule.query);
  expect(complaints).toEqual([]);
  const { alertDisplayNameFormat, alertDescriptionFormat, alertSeverityColumnName } =
    rule.alertDetailsOverride;
  const inText = [...`${alertDisplayNameFormat}${alertDescriptionFormat}`.matchAll(/\{\{(\w+)\}\}/g)];
  const named = [
    'TimeGenerated',
    ...Object.values(rule.customDetails),
    ...rule.entityMappings.flatMap(({ fieldMappings }) => fieldMappings.map(({ columnName }) => columnName)),
    ...inText.map(([, column]) => column ?? ''),
    ...(alertSeverityColumnName === undefined ? [] : [alertSeverityColumnName]),
  ];
  expect(named.filter((column) => !(column in columns))).toEqual([]);
});

test.each(workbookQueries)('the query of the workbook for %s is sound', (_title, query) => {
  expect(kusto.analyse(query).complaints).toEqual([]);
});

test('the searches of the page are sound', () => {
  const searches = readmeBlocks(fileText('README.md'), 'kql');
  expect(searches.length).toBeGreaterThanOrEqual(3);
  expect(searches.flatMap((search) => kusto.analyse(search).complaints)).toEqual([]);
});
