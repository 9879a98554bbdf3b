import { hash } from 'node:crypto';
import type { SecurityEvent } from '../event.ts';
import { categoryOf } from './category.ts';
import { applicationOf, containerOf, fileOf, groupOf, registryOf } from './hunting-columns.ts';
import * as facets from './hunting-facets.ts';
import { type HuntingRow, huntingRowOf, isStreamed, tableProduct } from './hunting-table.ts';
import { dynamicOf } from './hunting-values.ts';
import { distinct, type JsonObject, noTexts, readNumbers, textOf, textsOf, timeOf } from './json-value.ts';
import { alertLink } from './portal-links.ts';
import type { RecordType } from './record-type.ts';
import { severityOrInformational } from './severity.ts';

/** Columns of which a row that comes as an answer has at least one. */
const rowColumns = ['Timestamp', 'ActionType', 'ReportId', 'TableName'];

/** Category and class of a row of which the table is not known. */
const anyTable = 'AdvancedHunting';

/** Tables of which a report of one device at one time is one row; in others, one report has several. */
const tablesOfReports = [
  'DeviceEvents',
  'DeviceFileEvents',
  'DeviceImageLoadEvents',
  'DeviceLogonEvents',
  'DeviceNetworkEvents',
  'DeviceProcessEvents',
  'DeviceRegistryEvents',
];

/** A row of an advanced hunting table, streamed (API reference §10) or queried (§7). */
export const huntingEvent: RecordType = {
  kind: 'hunting-event',

  recognises: (object) => isStreamed(object) || rowColumns.some((column) => column in object),

  identify(object) {
    const found = huntingRowOf(object);
    const updated = timeOf(found.row.Timestamp);
    return { id: rowIdOf(found), version: updated, updated, created: updated };
  },

  toEvent(object, json, context): SecurityEvent {
    const { row, table, envelope } = huntingRowOf(object);
    const action = textOf(row.ActionType);
    const tenantId = textOf(envelope.tenantId) ?? textOf(row.TenantId) ?? context.tenantId;
    const severityText = textOf(row.Severity);
    const serviceSource = textOf(row.ServiceSource);
    const alertId = textOf(row.AlertId);
    const updated = timeOf(row.Timestamp);
    const webAddress = facets.webAddressOf(row);
    const mereHost = webAddress !== undefined && facets.isHost(webAddress);
    const process = facets.processOf(row, table);
    return {
      kind: 'hunting-event',
      id: alertId ?? context.record.id,
      recordId: alertId === undefined ? undefined : context.record.id,
      version: context.record.version,
      title: textOf(row.Title) ?? action ?? table ?? 'Advanced hunting row',
      description: textOf(row.Description),
      severity: severityOrInformational(severityText),
      severityText,
      category: table ?? anyTable,
      table,
      techniques: techniquesOf(row.AttackTechniques),
      status: textOf(row.ActionResult),
      classification: undefined,
      determination: undefined,
      product: tableProduct(table, serviceSource),
      serviceSource,
      detectionSource: textOf(row.DetectionSource),
      detectorId: table ?? anyTable,
      threatName: textOf(row.ThreatNames),
      threatFamily: textOf(row.ThreatFamily),
      actor: undefined,
      incidentId: undefined,
      alertUrl: alertId === undefined ? undefined : alertLink(alertId, tenantId, context),
      incidentUrl: undefined,
      assignedTo: undefined,
      recommendedActions: undefined,
      comments: none,
      investigationId: undefined,
      investigationState: undefined,
      tags: tagsOf(row),
      tenantId,
      indicator: undefined,
      firstActivity: timeOf(row.StartTime) ?? timeOf(row.DataAggregationStartTime) ?? updated,
      lastActivity: timeOf(row.EndTime) ?? timeOf(row.DataAggregationEndTime),
      created: timeOf(envelope.time),
      updated,
      resolved: undefined,
      device: facets.deviceOf(row),
      user: facets.userOf(row),
      file: fileOf(row) ?? process?.image,
      process,
      network: facets.networkOf(row, action),
      url: mereHost ? undefined : webAddress,
      domainName: textOf(row.UrlDomain) ?? (mereHost ? webAddress : undefined),
      registry: registryOf(row),
      message: facets.messageOf(row, table),
      mailbox: undefined,
      cloudResource: facets.cloudResourceOf(row),
      application: applicationOf(row),
      container: containerOf(row),
      group: groupOf(row),
      action,
      remediationSucceeded: undefined,
      verdict: undefined,
      mailCluster: undefined,
      changes: undefined,
      evidence: none,
      json,
    };
  },
};

const none: readonly never[] = Object.freeze([]);

/**
 * Returns what tells a row from all others: of a table of reports the report's number with device and time, else the hash
 * of its columns. The envelope is no part of it, since Defender sends a row again in a new one (API reference §10.3).
 */
function rowIdOf({ row, table }: HuntingRow): string | undefined {
  const device = textOf(row.DeviceId) ?? textOf(row.DeviceName);
  const report = textOf(row.ReportId);
  const time = timeOf(row.Timestamp);
  if (table !== undefined && tablesOfReports.includes(table) && device && report && time) {
    return `${table}:${device}:${report}:${time}`;
  }
  try {
    return `sha256:${hash('sha256', JSON.stringify([table ?? null, columnsOf(row)]))}`;
  } catch {
    return undefined; // nested too deep to be written again: the text's own hash tells it
  }
}

/** The columns that Defender sends alike each time, with their numbers read: they are written without `textOf`. */
function columnsOf(row: JsonObject): readonly (readonly [name: string, value: unknown])[] {
  const columns: [string, unknown][] = [];
  for (const name in row) {
    if (name.startsWith('__UDI_')) continue;
    const value = row[name];
    if (typeof value !== 'string') readNumbers(value);
    columns.push([name, value]);
  }
  return columns;
}

/** Finds the ids of techniques in texts such as `PowerShell (T1059.001)`. */
const technique = /\bT\d{4}(?:\.\d{3})?\b/g;

function techniquesOf(value: unknown): readonly string[] {
  const list = dynamicOf(value);
  if (Array.isArray(list)) return distinct(list.flatMap((item) => textOf(item)?.match(technique) ?? []));
  const found = textOf(list)?.match(technique);
  return found ? distinct(found) : noTexts;
}

/** The category of an alert or behaviour, since the row's own is its table (fact 25). */
function tagsOf(row: JsonObject): readonly string[] {
  const own = categoryOf(row.Category);
  const categories = textsOf(dynamicOf(row.Categories));
  if (own === undefined && categories.length === 0) return noTexts;
  const all = own === undefined ? categories : [own, ...categories];
  return distinct(all.map((category) => `category=${category}`));
}
