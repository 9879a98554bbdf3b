/** Where managed identities get their tokens: plain HTTP, on this host alone. */
export interface ManagedIdentityEndpoint {
  /** As in `http://127.0.0.1:8445`. */
  readonly origin: string;
  /** The environment by which a program finds it: on a virtual machine, in App Service, on a machine of Azure Arc. */
  readonly environment: Readonly<
    Record<'virtualMachine' | 'appService' | 'arc', Readonly<Record<string, string>>>
  >;
}

/** Returns how a program finds the endpoint at `origin`. `header`: the one that App Service's programs show. */
export function managedIdentityAt(origin: string, header: string): ManagedIdentityEndpoint {
  const path = `${origin}/metadata/identity/oauth2/token`;
  return {
    origin,
    environment: {
      virtualMachine: { AZURE_POD_IDENTITY_AUTHORITY_HOST: origin },
      appService: { IDENTITY_ENDPOINT: `${origin}/msi/token`, IDENTITY_HEADER: header },
      arc: { IDENTITY_ENDPOINT: path, IMDS_ENDPOINT: origin },
    },
  };
}
