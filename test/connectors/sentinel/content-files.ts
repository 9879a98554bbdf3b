import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KqlFunction } from '../../support/kusto.ts';

/** The folder of what is installed in the workspace. */
export const folder = new URL('../../../connectors/sentinel/', import.meta.url);

/** Returns the text of a file of the connector. */
export function fileText(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

const word = z.string().min(1);

/** A parser as Microsoft's repository of ASIM parsers lays it out. */
const parserFile = z.strictObject({
  Parser: z.strictObject({ Title: word, Version: word.regex(/^\d+\.\d+\.\d+$/) }),
  Product: z.strictObject({ Name: word }),
  Normalization: z.strictObject({ Schema: z.literal('AlertEvent'), Version: z.literal('0.1') }).optional(),
  Description: word,
  ParserName: word,
  ParserParams: z.array(z.strictObject({ Name: word, Type: word, Default: word })),
  ParserQuery: word,
});

/** Every parser function. */
export const parsers: readonly (KqlFunction & { readonly file: z.output<typeof parserFile> })[] = readdirSync(
  new URL('parsers/', folder),
).map((name) => {
  const file = parserFile.parse(parse(fileText(`parsers/${name}`)));
  const parameters = file.ParserParams.map((each) => `${each.Name}:${each.Type}=${each.Default}`).join(', ');
  if (name !== `${file.ParserName}.yaml`) throw new Error(`${name} holds ${file.ParserName}`);
  return { name: file.ParserName, parameters, body: file.ParserQuery, file };
});

const period = word.regex(/^P(\d+D|T\d+[HM])$/);

/** Entities that a rule can name, with their identifiers (Microsoft Sentinel entity types reference). */
const identifiers: Readonly<Record<string, readonly string[]>> = {
  Host: ['HostName', 'DnsDomain', 'NTDomain', 'NetBiosName', 'AzureID', 'FullName'],
  Account: ['Name', 'NTDomain', 'DnsDomain', 'UPNSuffix', 'Sid', 'AadUserId', 'FullName'],
  IP: ['Address'],
  Process: ['ProcessId', 'CommandLine', 'CreationTimeUtc'],
  FileHash: ['Algorithm', 'Value'],
  URL: ['Url'],
};

const entityMapping = z
  .strictObject({
    entityType: z.enum(Object.keys(identifiers) as [string, ...string[]]),
    fieldMappings: z
      .array(z.strictObject({ identifier: word, columnName: word }))
      .min(1)
      .max(3),
  })
  .refine(({ entityType, fieldMappings }) =>
    fieldMappings.every(({ identifier }) => identifiers[entityType]?.includes(identifier)),
  );

/** An analytics rule as Microsoft's repository lays it out, with what its template can say beside. */
const ruleFile = z
  .strictObject({
    id: z.guid(),
    name: word.max(120),
    description: word,
    severity: z.enum(['High', 'Medium', 'Low', 'Informational']),
    requiredDataConnectors: z.array(z.unknown()),
    queryFrequency: period,
    queryPeriod: period,
    triggerOperator: z.literal('gt'),
    triggerThreshold: z.literal(0),
    tactics: z.array(word),
    relevantTechniques: z.array(word),
    query: word.max(10_000),
    suppressionDuration: period,
    suppressionEnabled: z.boolean(),
    eventGroupingSettings: z.strictObject({ aggregationKind: z.enum(['AlertPerResult', 'SingleAlert']) }),
    customDetails: z.record(word.max(20), word),
    alertDetailsOverride: z.strictObject({
      alertDisplayNameFormat: word.max(256),
      alertDescriptionFormat: word.max(5_000),
      alertSeverityColumnName: word.optional(),
    }),
    entityMappings: z.array(entityMapping).min(1).max(10),
    incidentConfiguration: z.strictObject({
      createIncident: z.literal(true),
      groupingConfiguration: z.strictObject({
        enabled: z.boolean(),
        reopenClosedIncident: z.boolean(),
        lookbackDuration: period,
        matchingMethod: z.literal('Selected'),
        groupByEntities: z.array(word).length(0),
        groupByAlertDetails: z.array(word).length(0),
        groupByCustomDetails: z.array(word).min(1),
      }),
    }),
    version: word.regex(/^\d+\.\d+\.\d+$/),
    kind: z.literal('Scheduled'),
  })
  // A query that looks back two days or more may run once an hour at most; none runs more often than every five minutes.
  .refine(({ queryFrequency, queryPeriod }) => {
    const [every, back] = [minutes(queryFrequency), minutes(queryPeriod)];
    return every >= (back >= 2 * 1440 ? 60 : 5) && every <= back && back <= 14 * 1440;
  });

function minutes(text: string): number {
  const [, count = '', unit = ''] = /^PT?(\d+)([DHM])$/.exec(text) ?? [];
  return Number(count) * (unit === 'D' ? 1440 : unit === 'H' ? 60 : 1);
}

/** Every analytics rule, by its file's name without `.yaml`. */
export const rules = new Map(
  readdirSync(new URL('rules/', folder)).map((name) => [
    name.replace('.yaml', ''),
    ruleFile.parse(parse(fileText(`rules/${name}`))),
  ]),
);
