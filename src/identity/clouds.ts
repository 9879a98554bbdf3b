import { ConnectorError } from '../errors.ts';

/** The clouds that Defender lives in (reference §1.2). */
export const cloudNames = ['commercial', 'gcc', 'gcc-high', 'dod'] as const;
export type CloudName = (typeof cloudNames)[number];

/** What Microsoft calls each cloud. */
export const cloudTitles: Readonly<Record<CloudName, string>> = {
  commercial: 'commercial',
  gcc: 'GCC',
  'gcc-high': 'GCC High',
  dod: 'DoD',
};

/** The API families; each has its own hosts, token and budget of calls. */
export const apis = ['graph', 'defender', 'xdr', 'siem'] as const;
export type Api = (typeof apis)[number];

/** What tokens are got for: the APIs that are read, and Azure Monitor, which takes in rows. */
export const tokenAudiences = [...apis, 'monitor'] as const;
export type TokenAudience = (typeof tokenAudiences)[number];

/** What can be overridden in `endpoints` of a tenant: the login authority, and each API. */
export type EndpointOverrides = { readonly [name in Api | 'authority']?: string | undefined };

/** What one cloud has. The first host of an API is the one called; the others may come back in a next link. */
interface Cloud {
  readonly authority: string;
  readonly hosts: Readonly<Record<Api, readonly string[]>>;
  /** Resource of a token, without `/.default` (reference §1.3; of Azure Monitor: formats reference §7.1). */
  readonly audiences: Readonly<Record<TokenAudience, string>>;
  /** Resource that a managed identity asks for, where it is not the audience. */
  readonly managedIdentityAudiences: Readonly<Partial<Record<TokenAudience, string>>>;
  /** Audience of the external tokens that federated credentials trust (reference §11.4). */
  readonly federatedAudience: string;
  readonly portal: string;
  /** First host of Defender, XDR and SIEM for each region. */
  readonly regions: Readonly<Record<string, Readonly<Partial<Record<Api, string>>>>>;
}

const siemAudience = 'https://graph.windows.net';

const commercial: Cloud = {
  authority: 'https://login.microsoftonline.com',
  hosts: {
    graph: ['graph.microsoft.com'],
    defender: [
      'api.security.microsoft.com',
      'api.securitycenter.microsoft.com',
      'api.securitycenter.windows.com',
      'us.api.security.microsoft.com',
      'eu.api.security.microsoft.com',
      'uk.api.security.microsoft.com',
      'au.api.security.microsoft.com',
      'swa.api.security.microsoft.com',
      'ina.api.security.microsoft.com',
      'aea.api.security.microsoft.com',
      'api-us.securitycenter.microsoft.com',
      'api-eu.securitycenter.microsoft.com',
      'api-uk.securitycenter.microsoft.com',
      'api-au.securitycenter.microsoft.com',
    ],
    xdr: [
      'api.security.microsoft.com',
      'us.api.security.microsoft.com',
      'eu.api.security.microsoft.com',
      'uk.api.security.microsoft.com',
      'au.api.security.microsoft.com',
      'swa.api.security.microsoft.com',
      'ina.api.security.microsoft.com',
      'aea.api.security.microsoft.com',
      'api-us.security.microsoft.com',
      'api-eu.security.microsoft.com',
      'api-uk.security.microsoft.com',
    ],
    siem: [
      'wdatp-alertexporter-us.windows.com',
      'wdatp-alertexporter-eu.windows.com',
      'wdatp-alertexporter-uk.windows.com',
      'wdatp-alertexporter-us.securitycenter.windows.com',
      'wdatp-alertexporter-eu.securitycenter.windows.com',
      'wdatp-alertexporter-uk.securitycenter.windows.com',
    ],
  },
  audiences: {
    graph: 'https://graph.microsoft.com',
    // The host api.security.microsoft.com keeps this audience for Defender for Endpoint (reference §1.3).
    defender: 'https://api.securitycenter.microsoft.com',
    xdr: 'https://api.security.microsoft.com',
    siem: siemAudience,
    monitor: 'https://monitor.azure.com',
  },
  // With the other audience a managed identity's token has no roles, and every call answers 403 (reference §1.3).
  managedIdentityAudiences: { defender: 'https://securitycenter.onmicrosoft.com/windowsatpservice' },
  federatedAudience: 'api://AzureADTokenExchange',
  portal: 'https://security.microsoft.com',
  regions: {
    us: {
      defender: 'us.api.security.microsoft.com',
      xdr: 'us.api.security.microsoft.com',
      siem: 'wdatp-alertexporter-us.windows.com',
    },
    eu: {
      defender: 'eu.api.security.microsoft.com',
      xdr: 'eu.api.security.microsoft.com',
      siem: 'wdatp-alertexporter-eu.windows.com',
    },
    uk: {
      defender: 'uk.api.security.microsoft.com',
      xdr: 'uk.api.security.microsoft.com',
      siem: 'wdatp-alertexporter-uk.windows.com',
    },
    au: { defender: 'au.api.security.microsoft.com', xdr: 'au.api.security.microsoft.com' },
    swa: { defender: 'swa.api.security.microsoft.com', xdr: 'swa.api.security.microsoft.com' },
    ina: { defender: 'ina.api.security.microsoft.com', xdr: 'ina.api.security.microsoft.com' },
    aea: { defender: 'aea.api.security.microsoft.com', xdr: 'aea.api.security.microsoft.com' },
  },
};

const gccHigh: Cloud = {
  authority: 'https://login.microsoftonline.us',
  hosts: {
    graph: ['graph.microsoft.us'],
    defender: ['api-gov.securitycenter.microsoft.us'],
    xdr: ['api-gov.security.microsoft.us'],
    siem: ['wdatp-alertexporter-us.securitycenter.windows.us'],
  },
  audiences: {
    graph: 'https://graph.microsoft.us',
    defender: 'https://api-gov.securitycenter.microsoft.us',
    xdr: 'https://api-gov.security.microsoft.us',
    siem: siemAudience,
    monitor: 'https://monitor.azure.us',
  },
  managedIdentityAudiences: {},
  federatedAudience: 'api://AzureADTokenExchangeUSGov',
  portal: 'https://security.microsoft.us',
  regions: {},
};

/** The four clouds, as published (reference §1.2 and §1.3). */
const clouds: Readonly<Record<CloudName, Cloud>> = {
  commercial,
  gcc: {
    ...commercial,
    hosts: {
      graph: commercial.hosts.graph,
      defender: ['api-gcc.securitycenter.microsoft.us'],
      xdr: ['api-gcc.security.microsoft.us'],
      siem: ['wdatp-alertexporter-us.gcc.securitycenter.windows.us'],
    },
    audiences: {
      ...commercial.audiences,
      defender: 'https://api-gcc.securitycenter.microsoft.us',
      xdr: 'https://api-gcc.security.microsoft.us',
    },
    managedIdentityAudiences: {},
    regions: {},
  },
  'gcc-high': gccHigh,
  dod: {
    ...gccHigh,
    hosts: { ...gccHigh.hosts, graph: ['dod-graph.microsoft.us'] },
    audiences: { ...gccHigh.audiences, graph: 'https://dod-graph.microsoft.us' },
    portal: 'https://security.apps.mil',
  },
};

/** Where a tenant's authority and APIs are. All URLs are origins, without a slash at the end. */
export interface Endpoints {
  readonly cloud: CloudName;
  readonly authority: string;
  readonly origins: Readonly<Record<Api, string>>;
  readonly portal: string;
  /** Resource of each token; the v2 scope is this and `/.default`. Overrides do not change it. */
  readonly audiences: Readonly<Record<TokenAudience, string>>;
  /** The same for a managed identity. */
  readonly managedIdentityAudiences: Readonly<Record<TokenAudience, string>>;
  /** Audience of the external tokens that federated credentials trust. */
  readonly federatedAudience: string;
  /** What of it the configuration has overridden. */
  readonly overridden: ReadonlySet<Api | 'authority'>;
}

/** The login authorities of all clouds, each once. */
export const authorities: readonly string[] = [
  ...new Set(cloudNames.map((cloud) => clouds[cloud].authority)),
];

/** Returns the names of a cloud's regions; empty where it has none. */
export function regionsOf(cloud: CloudName): readonly string[] {
  return Object.keys(clouds[cloud].regions);
}

/**
 * Returns where the authority and APIs of a tenant are: the cloud's, nearer ones where a region is named, the
 * overrides before both. Throws CONFIG_INVALID for an unknown region or an override that is no https origin.
 */
export function resolveEndpoints(
  cloud: CloudName,
  region?: string | undefined,
  overrides: EndpointOverrides = {},
): Endpoints {
  const facts = clouds[cloud];
  const near = regionHosts(cloud, region);
  const overridden = new Set<Api | 'authority'>();
  const origin = (name: Api | 'authority', published: string) => {
    const override = overrides[name];
    if (override === undefined) return published;
    overridden.add(name);
    return originOf(name, override);
  };
  const authority = origin('authority', facts.authority);
  const of = (api: Api) => origin(api, `https://${near[api] ?? facts.hosts[api][0]}`);
  return {
    cloud,
    authority,
    origins: { graph: of('graph'), defender: of('defender'), xdr: of('xdr'), siem: of('siem') },
    portal: facts.portal,
    audiences: facts.audiences,
    managedIdentityAudiences: { ...facts.audiences, ...facts.managedIdentityAudiences },
    federatedAudience: facts.federatedAudience,
    overridden,
  };
}

/**
 * Returns the origins that a token for this API may be sent to: the one called, and the other hosts of the same API
 * and cloud, since a regional or an older name may come back in a next link; with an override, only that one,
 * port included (reference §2.2).
 */
export function allowedHosts(api: Api, endpoints: Endpoints): ReadonlySet<string> {
  if (endpoints.overridden.has(api)) return new Set([endpoints.origins[api]]);
  const hosts = clouds[endpoints.cloud].hosts[api].map((host) => `https://${host}`);
  return new Set([endpoints.origins[api], ...hosts]);
}

function regionHosts(cloud: CloudName, region: string | undefined): Readonly<Partial<Record<Api, string>>> {
  if (region === undefined) return {};
  const { regions } = clouds[cloud];
  const hosts = Object.hasOwn(regions, region) ? regions[region] : undefined;
  if (hosts !== undefined) return hosts;
  const known = Object.keys(regions);
  const advice = known.length === 0 ? 'it has none, so leave the region out' : `it has ${known.join(', ')}`;
  throw new ConnectorError(
    'CONFIG_INVALID',
    `region '${region}' is not one of the cloud ${cloud}: ${advice}`,
  );
}

function originOf(name: string, override: string): string {
  const url = URL.parse(override);
  const isOrigin =
    url?.protocol === 'https:' &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '';
  if (url !== null && isOrigin) return url.origin;
  // The text itself is not repeated: a URL in the wrong place may hold a password.
  throw new ConnectorError(
    'CONFIG_INVALID',
    `endpoints.${name} must be an origin such as https://host:8443, without path or user`,
  );
}
