import { isObject, type JsonObject, textOf } from './json-value.ts';
import { endpointProduct, productOf } from './product.ts';

/** What stands before a table's name in the category of a streamed row (API reference §10.2). */
const streamedPrefix = 'AdvancedHunting-';

/** A row with what its envelope says of it. */
export interface HuntingRow {
  readonly row: JsonObject;
  /** The row's table, as far as it is known. */
  readonly table: string | undefined;
  /** The envelope of a streamed row; the row itself where it came as an answer. */
  readonly envelope: JsonObject;
}

/** True of the envelope that a streamed row comes in. */
export function isStreamed(object: JsonObject): boolean {
  return textOf(object.category)?.startsWith(streamedPrefix) === true && isObject(object.properties);
}

/** Takes a streamed row out of its envelope; a row of an answer is its own. */
export function huntingRowOf(object: JsonObject): HuntingRow {
  if (!isStreamed(object) || !isObject(object.properties)) {
    return { row: object, table: tableOf(object), envelope: object };
  }
  const table = textOf(textOf(object.category)?.slice(streamedPrefix.length));
  return { row: object.properties, table, envelope: object };
}

/** Kinds of event that one table alone has (API reference §10.5, end), by the beginning of `ActionType`. */
const tablesByAction: readonly (readonly [start: string, table: string])[] = [
  ['ProcessCreated', 'DeviceProcessEvents'],
  ['File', 'DeviceFileEvents'],
  ['Connection', 'DeviceNetworkEvents'],
  ['InboundConnection', 'DeviceNetworkEvents'],
  ['ListeningConnection', 'DeviceNetworkEvents'],
  ['NetworkSignatureInspected', 'DeviceNetworkEvents'],
  ['Registry', 'DeviceRegistryEvents'],
  ['ImageLoaded', 'DeviceImageLoadEvents'],
];

/** Columns that, when they hold a value, only rows of one table have; the first that fits counts. */
const tablesByColumns: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['AlertEvidence', ['AlertId', 'EntityType']],
  ['AlertInfo', ['Title', 'Category', 'Severity']],
  ['BehaviorEntities', ['BehaviorId', 'EntityType']],
  ['BehaviorInfo', ['BehaviorId', 'Title']],
  ['UrlClickEvents', ['Url', 'IsClickedThrough']],
  ['EmailUrlInfo', ['NetworkMessageId', 'Url']],
  ['EmailAttachmentInfo', ['NetworkMessageId', 'FileName']],
  ['EmailPostDeliveryEvents', ['NetworkMessageId', 'ActionTrigger']],
  ['EmailEvents', ['NetworkMessageId', 'EmailDirection']],
  ['DeviceLogonEvents', ['DeviceId', 'LogonType']],
  ['IdentityQueryEvents', ['Application', 'QueryType']],
  ['IdentityLogonEvents', ['Application', 'LogonType']],
  ['IdentityDirectoryEvents', ['Application', 'DestinationDeviceName']],
  ['CloudAppEvents', ['Application', 'ActivityType']],
  ['DeviceEvents', ['DeviceId', 'ActionType']],
];

/**
 * Returns the table of a row that does not come in an envelope: as it says itself, as queries over several tables do,
 * else the only one that has such events or columns; undefined where several have.
 */
function tableOf(row: JsonObject): string | undefined {
  const told = textOf(row.TableName) ?? textOf(row.$table);
  if (told !== undefined) return told;
  const action = textOf(row.ActionType);
  if (action !== undefined && textOf(row.DeviceId) !== undefined) {
    const found = tablesByAction.find(([start]) => action.startsWith(start));
    if (found !== undefined) return found[1];
  }
  return tablesByColumns.find(([, columns]) => columns.every((name) => hasValue(row[name])))?.[0];
}

function hasValue(value: unknown): boolean {
  return textOf(value) !== undefined || typeof value === 'boolean' || isObject(value) || Array.isArray(value);
}

/** Products whose events a table holds, by the beginning of its name. */
const products: readonly (readonly [start: string, product: string])[] = [
  ['Device', endpointProduct],
  ['Email', 'Microsoft Defender for Office 365'],
  ['UrlClick', 'Microsoft Defender for Office 365'],
  ['Message', 'Microsoft Defender for Office 365'],
  ['Identity', 'Microsoft Defender for Identity'],
  ['CloudApp', 'Microsoft Defender for Cloud Apps'],
  ['Cloud', 'Microsoft Defender for Cloud'],
];

/** Returns the product's name for headers: of an alert's rows what raised it, as the row says in plain words. */
export function tableProduct(table: string | undefined, serviceSource: string | undefined): string {
  return (
    serviceSource ??
    products.find(([start]) => table?.startsWith(start))?.[1] ??
    productOf('microsoft365Defender', undefined)
  );
}
