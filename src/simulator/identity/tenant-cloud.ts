/** Microsoft's clouds, by the names of the configuration. */
export type SimulatedCloud = 'commercial' | 'gcc' | 'gcc-high' | 'dod';

/** Where the tenant lives, and whose authority the simulator plays; assign to change. */
export interface TenantCloud {
  home: SimulatedCloud;
  /** That of another cloud tells where the tenant is, and issues no token for it. */
  authority: SimulatedCloud;
}

/** What the metadata of a cloud's tenants says, and where its authority is (API reference §1.2). */
interface CloudFacts {
  readonly authority: string;
  readonly regionScope: string;
  readonly regionSubScope?: string;
  readonly instance: string;
  readonly graphHost: string;
  readonly deviceLogin: string;
}

const worldwide: CloudFacts = {
  authority: 'https://login.microsoftonline.com',
  regionScope: 'EU',
  instance: 'microsoftonline.com',
  graphHost: 'graph.microsoft.com',
  deviceLogin: 'https://microsoft.com/devicelogin',
};
const government: CloudFacts = {
  authority: 'https://login.microsoftonline.us',
  regionScope: 'USGov',
  regionSubScope: 'DODCON',
  instance: 'microsoftonline.us',
  graphHost: 'graph.microsoft.us',
  deviceLogin: 'https://microsoft.com/deviceloginus',
};
const clouds: Readonly<Record<SimulatedCloud, CloudFacts>> = {
  commercial: worldwide,
  gcc: { ...worldwide, regionScope: 'NA', regionSubScope: 'GCC' },
  'gcc-high': government,
  dod: { ...government, regionSubScope: 'DOD', graphHost: 'dod-graph.microsoft.us' },
};

/** Returns whether the authority that the simulator plays is that of another cloud than the tenant's. */
export function isForeign({ home, authority }: TenantCloud): boolean {
  return clouds[home].authority !== clouds[authority].authority;
}

/** Returns where a person enters a device code. */
export function deviceLoginOf({ authority }: TenantCloud): string {
  return clouds[authority].deviceLogin;
}

/**
 * Returns the metadata of a tenant (OpenID Connect Discovery 1.0 §3). An authority of another cloud tells of the
 * endpoints at home, the simulator's own of itself at `origin`.
 */
export function tenantMetadata(cloud: TenantCloud, tenantId: string, origin: string): object {
  const facts = clouds[cloud.home];
  const base = `${isForeign(cloud) ? facts.authority : origin}/${tenantId}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: `https://${facts.graphHost}/oidc/userinfo`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: facts.regionScope,
    ...(facts.regionSubScope === undefined ? {} : { tenant_region_sub_scope: facts.regionSubScope }),
    cloud_instance_name: facts.instance,
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: facts.graphHost,
    rbac_url: 'https://pas.windows.net',
  };
}
