/** The product of detections and of Defender for Endpoint alerts (formats reference §11.2, fact 12). */
export const endpointProduct = 'Microsoft Defender for Endpoint';

/** Names for headers by `serviceSource`, in lower case (formats reference §11.3, header of CEF). */
const names: ReadonlyMap<string, string> = new Map([
  ['microsoftdefenderforendpoint', endpointProduct],
  ['microsoftdefenderforidentity', 'Microsoft Defender for Identity'],
  ['microsoftdefenderforcloudapps', 'Microsoft Defender for Cloud Apps'],
  ['microsoftdefenderforoffice365', 'Microsoft Defender for Office 365'],
  ['microsoft365defender', 'Microsoft Defender XDR'],
  ['azureadidentityprotection', 'Microsoft Entra ID Protection'],
  ['microsoftappgovernance', 'Microsoft App Governance'],
  ['datalossprevention', 'Microsoft Purview DLP'],
  ['microsoftdatalossprevention', 'Microsoft Purview DLP'],
  ['microsoftdefenderforcloud', 'Microsoft Defender for Cloud'],
]);

/**
 * Returns the product's name for headers: ours for a known service, else Microsoft's own `productName`, else the
 * service's word spelled out (`microsoftThreatIntelligence`), else `Microsoft Defender`.
 */
export function productOf(serviceSource: string | undefined, productName: string | undefined): string {
  return (
    names.get(serviceSource?.toLowerCase() ?? '') ??
    productName ??
    spelledOut(serviceSource) ??
    'Microsoft Defender'
  );
}

function spelledOut(serviceSource: string | undefined): string | undefined {
  if (serviceSource === undefined || !/^microsoft[A-Z][A-Za-z]*$/.test(serviceSource)) return undefined;
  const words = serviceSource.slice('microsoft'.length).match(/[A-Z][a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  return ['Microsoft', ...words].join(' ').replaceAll(' For ', ' for ');
}
