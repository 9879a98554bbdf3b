import type { Shape } from '../records.ts';

/** Fifteen fields of CEF, each with the path of its value in the record. */
export interface CefTemplate {
  /** Paths of the header's signature and name. */
  readonly header: readonly [id: string, name: string];
  readonly extension: readonly (readonly [key: string, path: string])[];
}

/**
 * What the relays write of each shape: as many fields as plain Node writes (`stages/plain.ts`). Their templates cannot
 * search a list for the device or the account of an alert: in place of those stand other members of the alert.
 */
export const templates: Readonly<Record<Shape['name'], CefTemplate>> = {
  alerts: {
    header: ['detectorId', 'title'],
    extension: [
      ['rt', 'lastUpdateDateTime'],
      ['externalId', 'id'],
      ['cat', 'category'],
      ['msg', 'description'],
      ['outcome', 'status'],
      ['cs1', 'incidentId'],
      ['cs2', 'serviceSource'],
      ['request', 'alertWebUrl'],
      ['shost', 'tenantId'],
      ['deviceExternalId', 'providerAlertId'],
      ['suser', 'productName'],
      ['sntdom', 'detectionSource'],
      ['fname', 'severity'],
      ['filePath', 'incidentWebUrl'],
      ['fileHash', 'createdDateTime'],
    ],
  },
  events: {
    header: ['category', 'properties.ActionType'],
    extension: [
      ['rt', 'time'],
      ['externalId', 'properties.ReportId'],
      ['cat', 'properties.ActionType'],
      ['shost', 'properties.DeviceName'],
      ['deviceExternalId', 'properties.DeviceId'],
      ['suser', 'properties.AccountName'],
      ['sntdom', 'properties.AccountDomain'],
      ['fname', 'properties.FileName'],
      ['filePath', 'properties.FolderPath'],
      ['fileHash', 'properties.SHA256'],
      ['spid', 'properties.ProcessId'],
      ['cs1', 'properties.ProcessCommandLine'],
      ['cs2', 'properties.InitiatingProcessFileName'],
      ['cs3', 'properties.InitiatingProcessCommandLine'],
      ['suid', 'properties.AccountSid'],
    ],
  },
};

/** Returns the text of a template in which `placeOf` writes what stands for the value of a path. */
export function cefText({ header, extension }: CefTemplate, placeOf: (path: string) => string): string {
  const [id, name] = header.map(placeOf);
  const fields = extension.map(([key, path]) => `${key}=${placeOf(path)}`).join(' ');
  return `CEF:0|Microsoft|Microsoft Defender|1.0|${id}|${name}|5|${fields}`;
}
