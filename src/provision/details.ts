import type { Api, Endpoints } from '../identity/clouds.ts';
import type { Access } from './add-credential.ts';

/** Whose access is told. */
export interface DetailsFacts {
  readonly tenantId: string;
  readonly endpoints: Endpoints;
  readonly access: Access;
  /** The APIs that the application may read. */
  readonly apis: readonly Api[];
}

const apiNames: Readonly<Record<Api, string>> = {
  graph: 'Microsoft Graph',
  defender: 'Microsoft Defender for Endpoint',
  xdr: 'Microsoft Defender XDR',
  siem: 'SIEM REST API',
};

/**
 * Returns the connector access details as a SIEM's own form asks for them, by the names that operators know from the
 * portal's page (reference §3.1). Holds the client secret where there is one: for a file that only its owner reads.
 */
export function accessDetails({ tenantId, endpoints, access, apis }: DetailsFacts): string {
  const { credential, certificate } = access;
  const base = `${endpoints.authority}/${tenantId}`;
  const lines: (readonly [string, string])[] = [
    ['Directory (tenant) ID', tenantId],
    ['Cloud', endpoints.cloud],
    ['Client ID (application ID)', credential.clientId ?? ''],
    ...credentialLines(access),
    ...(certificate === undefined
      ? []
      : ([
          ['Certificate thumbprint (SHA-1)', certificate.sha1],
          ['Certificate thumbprint (SHA-256)', certificate.sha256],
          ['Certificate valid until', new Date(certificate.notAfterMs).toISOString()],
        ] as const)),
    ['Authority', base],
    ['Authorization server URL (token URL, v2)', `${base}/oauth2/v2.0/token`],
    ['Authorization server URL (token refresh URL, v1)', `${base}/oauth2/token`],
    ...apis.flatMap((api): (readonly [string, string])[] => [
      [`${apiNames[api]}: resource`, endpoints.audiences[api]],
      ...(api === 'siem'
        ? []
        : [[`${apiNames[api]}: scope`, `${endpoints.audiences[api]}/.default`] as const]),
      [`${apiNames[api]}: API base URL`, endpoints.origins[api]],
    ]),
    ['Portal', endpoints.portal],
  ];
  return `Connector access details\n\n${lines.map(([name, value]) => `${name}: ${value}\n`).join('')}`;
}

function credentialLines({ credential }: Access): (readonly [string, string])[] {
  if (credential.kind === 'client-secret') return [['Client secret', credential.secret.read()]];
  if (credential.kind === 'certificate' && 'path' in credential) {
    return [['Certificate and key (PEM)', credential.path]];
  }
  return [];
}
