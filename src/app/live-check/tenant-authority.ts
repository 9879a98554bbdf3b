import { ConnectorError } from '../../errors.ts';
import { cloudMismatch, locateTenant } from '../../identity/tenant-metadata.ts';
import { lookAtHost } from './tenant-host.ts';
import type { TenantCheck } from './tenant-subject.ts';

const isGuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether the sign-in authority is reached. */
export const checkAuthority: TenantCheck = async (subject, report) => {
  const { authority } = subject.connection.endpoints;
  const look = {
    key: 'authority',
    what: 'authority',
    otherwise: 'Check `cloud` and `endpoints.authority` of the tenant',
  };
  await report.look(look, () => lookAtHost(subject, authority, 'authority'));
};

/** Whether the tenant is there, and lives in the cloud that the configuration says. */
export const checkDirectory: TenantCheck = async ({ config, connection }, report) => {
  const { id: tenantId, name: tenant } = config;
  const look = {
    key: 'directory',
    what: 'directory',
    needs: ['authority'],
    otherwise: 'Check `id` and `cloud` of the tenant',
  };
  await report.look(look, async (signal) => {
    const { endpoints, http } = connection;
    const told = await locateTenant({ http, endpoints, tenantId, tenant }, signal);
    const mismatch = cloudMismatch(endpoints.cloud, told);
    if (mismatch !== undefined) throw new ConnectorError('IDENTITY_REFUSED', mismatch);
    const domain = isGuid.test(tenantId) ? '' : `${tenantId} is `;
    const cloud =
      told.cloud === undefined
        ? `its cloud is not told (${told.instance ?? 'no name'})`
        : `cloud ${told.cloud}`;
    return { result: 'ok', finding: `${domain}${told.tenantId}, ${cloud}` };
  });
};
