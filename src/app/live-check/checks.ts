import { checkClientCertificate } from './sink-client-certificate.ts';
import { checkSinkOpened } from './sink-opened.ts';
import type { SinkCheck } from './sink-subject.ts';
import { checkSinkToken } from './sink-token.ts';
import { checkSinkWay } from './sink-way.ts';
import { checkApis } from './tenant-apis.ts';
import { checkAuthority, checkDirectory } from './tenant-authority.ts';
import { checkClocks } from './tenant-clock.ts';
import { checkCredential, checkRotation } from './tenant-credential.ts';
import { checkPermissions } from './tenant-permissions.ts';
import { checkTenantRoute } from './tenant-route.ts';
import { checkSources } from './tenant-sources.ts';
import type { TenantCheck } from './tenant-subject.ts';
import { checkTokens } from './tenant-tokens.ts';

/** Every kind of look at a tenant, in the order in which they are taken and told. A new one is one file and one line here. */
export const tenantChecks: readonly TenantCheck[] = [
  checkTenantRoute,
  checkAuthority,
  checkDirectory,
  checkTokens,
  checkPermissions,
  checkCredential,
  checkRotation,
  checkApis,
  checkClocks,
  checkSources,
];

/** The same for a sink. */
export const sinkChecks: readonly SinkCheck[] = [
  checkSinkWay,
  checkClientCertificate,
  checkSinkToken,
  checkSinkOpened,
];
