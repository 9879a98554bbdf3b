import { type Resource, resourceAppIds } from '../identity/resources.ts';
import type {
  Application,
  AppRoleAssignment,
  DelegatedGrant,
  Directory,
  FederatedCredential,
  ServicePrincipal,
} from './directory.ts';

const allResources: readonly Resource[] = ['graph', 'defender', 'xdr'];

/** What a tenant's directory has of one app registration. */
export interface DirectoryState {
  readonly application: Application | undefined;
  readonly principal: ServicePrincipal | undefined;
  readonly assignments: readonly AppRoleAssignment[];
  readonly delegatedGrants: readonly DelegatedGrant[];
  /** Object ids. */
  readonly owners: readonly string[];
  readonly federated: readonly FederatedCredential[];
  /** The resources that were asked about, and all of an application that is there; undefined for one that the tenant has not. */
  readonly resources: Readonly<Partial<Record<Resource, ServicePrincipal | undefined>>>;
}

/** What of the state matters: each costs calls, and some take permissions of their own. */
export interface StateAspects {
  readonly resources: readonly Resource[];
  readonly delegated: boolean;
  readonly owners: boolean;
}

/** A tenant in which nothing of the connector is. */
export const nothingThere: DirectoryState = {
  application: undefined,
  principal: undefined,
  assignments: [],
  delegatedGrants: [],
  owners: [],
  federated: [],
  resources: {},
};

/**
 * Returns what the directory has of this application; of none, only the resources. `foreignAppId`: the client id of an
 * application of another tenant, of which this one has at most the service principal. Throws as `Directory` does.
 */
export async function readState(
  directory: Directory,
  application: Application | undefined,
  aspects: StateAspects,
  foreignAppId?: string,
): Promise<DirectoryState> {
  const resources: Partial<Record<Resource, ServicePrincipal | undefined>> = {};
  const appId = application?.appId ?? foreignAppId;
  // What an application was given of a resource that nothing needs any more is told by its name, too.
  const wanted = appId === undefined ? aspects.resources : allResources;
  for (const resource of wanted) {
    resources[resource] = await directory.servicePrincipal(resourceAppIds[resource]);
  }
  if (appId === undefined) return { ...nothingThere, resources };
  const principal = await directory.servicePrincipal(appId);
  const of = async <T>(
    wanted: boolean,
    read: (id: string) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => (principal === undefined || !wanted ? [] : await read(principal.id));
  return {
    application,
    principal,
    assignments: await of(true, (id) => directory.assignments(id)),
    delegatedGrants: await of(aspects.delegated, (id) => directory.delegatedGrants(id)),
    owners: application !== undefined && aspects.owners ? await directory.owners(application.id) : [],
    federated: application === undefined ? [] : await directory.federatedCredentials(application.id),
    resources,
  };
}
