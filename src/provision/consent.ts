import type { Endpoints } from '../identity/clouds.ts';

/**
 * Returns the page on which an administrator consents to all that the application asks for (reference §11.4), in the
 * authority of the tenant's cloud.
 */
export function adminConsentUrl(
  endpoints: Pick<Endpoints, 'authority'>,
  tenantId: string,
  clientId: string,
): string {
  const query = new URLSearchParams({ client_id: clientId });
  return `${endpoints.authority}/${encodeURIComponent(tenantId)}/adminconsent?${query}`;
}

/** Who may consent, for the person who may not (reference §11.1). */
export const whoConsents =
  'a Privileged Role Administrator or a Global Administrator (for other permissions than those of Microsoft Graph, a Cloud Application Administrator suffices)';
