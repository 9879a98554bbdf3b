import { mustReadOrganization } from './access.ts';
import type { DirectoryCall, Route } from './call.ts';
import { type Collection, listAnswer } from './list.ts';

const organization: Collection = { name: 'organization', type: 'Organization', filters: {} };

/** The path that tells of the tenant itself. */
export const organizationRoutes: readonly Route[] = [{ call: 'GET /organization', answer: list }];

function list(call: DirectoryCall) {
  mustReadOrganization(call.actor);
  const { tenantId, displayName } = call.directory;
  const domain = (name: string, isDefault: boolean) => ({
    capabilities: 'Email, OfficeCommunicationsOnline',
    isDefault,
    isInitial: !isDefault,
    name,
    type: 'Managed',
  });
  return listAnswer(call, organization, [
    {
      id: tenantId,
      deletedDateTime: null,
      countryLetterCode: 'DE',
      createdDateTime: '2020-01-15T08:00:00Z',
      displayName,
      tenantType: 'AAD',
      verifiedDomains: [domain('contoso.example', true), domain('contoso.onmicrosoft.example', false)],
    },
  ]);
}
