/** The resources that tokens are for; roles are granted by resource. */
export type Resource = 'graph' | 'defender' | 'xdr' | 'siem' | 'monitor';

/** Audiences by resource (API reference §1.3), the government hosts by analogy. */
export const audiences: Readonly<Record<Resource, readonly string[]>> = {
  graph: [
    'https://graph.microsoft.com',
    'https://graph.microsoft.us',
    'https://dod-graph.microsoft.us',
    '00000003-0000-0000-c000-000000000000',
  ],
  defender: [
    'https://api.securitycenter.microsoft.com',
    'https://securitycenter.onmicrosoft.com/windowsatpservice',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
    'fc780465-2017-40d4-a0c5-307022471b92',
  ],
  xdr: [
    'https://api.security.microsoft.com',
    'https://api-gcc.security.microsoft.us',
    'https://api-gov.security.microsoft.us',
    '8ee8fdad-f234-4243-8f3b-15c294843740',
  ],
  siem: ['https://graph.windows.net', '00000002-0000-0000-c000-000000000000'],
  // Azure Monitor: who may write there is a role in Azure, which no token tells.
  monitor: ['https://monitor.azure.com', 'https://monitor.azure.us'],
};

/** Returns the resource that a token for this audience is for, whatever its case and a slash at its end; undefined for none. */
export function resourceOf(audience: string): Resource | undefined {
  const plain = audience.replace(/\/$/, '').toLowerCase();
  return (Object.keys(audiences) as Resource[]).find((name) => audiences[name].includes(plain));
}
