/** The product of detections and of Defender for Endpoint alerts (formats reference §11.2, fact 12). */
export const endpointProduct = 'Microsoft Defender for Endpoint';

/** Names for headers by `serviceSource` (formats reference §11.3, header of CEF). */
const services: readonly (readonly [serviceSource: string, name: string])[] = [
  ['microsoftDefenderForEndpoint', endpointProduct],
  ['microsoftDefenderForIdentity', 'Microsoft Defender for Identity'],
  ['microsoftDefenderForCloudApps', 'Microsoft Defender for Cloud Apps'],
  ['microsoftDefenderForOffice365', 'Microsoft Defender for Office 365'],
  ['microsoft365Defender', 'Microsoft Defender XDR'],
  ['azureAdIdentityProtection', 'Microsoft Entra ID Protection'],
  ['microsoftAppGovernance', 'Microsoft App Governance'],
  ['dataLossPrevention', 'Microsoft Purview DLP'],
  ['microsoftDataLossPrevention', 'Microsoft Purview DLP'],
  ['microsoftDefenderForCloud', 'Microsoft Defender for Cloud'],
];

/** As Graph writes them, and in lower case: any other way of writing is lowered to be found. */
const names: ReadonlyMap<string, string> = new Map(
  services.flatMap(([service, name]) => [[service, name] as const, [service.toLowerCase(), name] as const]),
);

/**
 * Returns the product's name for headers: ours for a known service, else Microsoft's own `productName`, else the
 * service's word spelled out (`microsoftThreatIntelligence`), else `Microsoft Defender`.
 */
export function productOf(serviceSource: string | undefined, productName: string | undefined): string {
  return nameOf(serviceSource) ?? productName ?? spelledOut(serviceSource) ?? 'Microsoft Defender';
}

function nameOf(serviceSource: string | undefined): string | undefined {
  if (serviceSource === undefined) return undefined;
  return names.get(serviceSource) ?? names.get(serviceSource.toLowerCase());
}

function spelledOut(serviceSource: string | undefined): string | undefined {
  if (serviceSource === undefined || !/^microsoft[A-Z][A-Za-z]*$/.test(serviceSource)) return undefined;
  const words = serviceSource.slice('microsoft'.length).match(/[A-Z][a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  return ['Microsoft', ...words].join(' ').replaceAll(' For ', ' for ');
}
