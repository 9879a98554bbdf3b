import { lookAtHost } from './tenant-host.ts';
import type { TenantCheck } from './tenant-subject.ts';

/** Whether the host of each API that the sources use is reached. */
export const checkApis: TenantCheck = async (subject, report) => {
  const { origins } = subject.connection.endpoints;
  for (const api of subject.apis) {
    const look = {
      key: `api.${api}`,
      what: `API ${api}`,
      otherwise: `Check \`cloud\`, \`region\` and \`endpoints.${api}\` of the tenant`,
    };
    await report.look(look, () => lookAtHost(subject, origins[api], api));
  }
};
