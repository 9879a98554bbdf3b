import { existsSync } from 'node:fs';
import { ConnectorError } from '../errors.ts';
import type { CloudName } from '../identity/clouds.ts';
import type { TenantAuth } from '../identity/credential.ts';
import type { Resource } from '../identity/resources.ts';
import type { Clock } from '../runtime/clock.ts';
import { accessFiles, type ProvisioningNote, readNote, removeNote, writeNote } from './access-files.ts';
import {
  type Access,
  addCredential,
  certificateAccess,
  federatedAccess,
  secretAccess,
  userAccess,
} from './add-credential.ts';
import { type Applied, applyPlan } from './apply.ts';
import type { Directory, FederatedCredential } from './directory.ts';
import { displayNameOf, findApplication, tagsOf } from './find-application.ts';
import { type HeldCredential, heldCredentials, isAccepted } from './held-credential.ts';
import type { NeededPermission, NewCredential, Plan } from './plan.ts';
import { type DesiredRegistration, type Planned, planProvision } from './planning.ts';
import { waitForDirectory } from './settling.ts';
import { type DirectoryState, nothingThere, readState } from './state.ts';

/** The kinds of credential that can be provisioned. */
export const credentialKinds = ['certificate', 'secret', 'federated', 'user'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What is to be provisioned. */
export interface ProvisionRequest {
  readonly tenant: { readonly name: string; readonly id: string };
  /** What the configuration has as the tenant's identity. */
  readonly auth: TenantAuth | undefined;
  /** The application that the configuration names; it is believed before any tag. */
  readonly clientId: string | undefined;
  /** It is to be its own owner, so that it can renew its credential. */
  readonly ownsItself: boolean;
  /** Tells several connectors of one tenant apart; undefined where nobody has named one. */
  readonly connector: string | undefined;
  readonly permissions: readonly NeededPermission[];
  readonly kind: CredentialKind;
  /** Life of a new credential, days. */
  readonly days: number;
  /** Needed for a federated credential. */
  readonly federated: FederatedCredential | undefined;
  /** Folder of the configuration, absolute. */
  readonly folder: string;
  readonly repair: boolean;
  readonly multiTenant: boolean;
  /** The tenant is a customer's: the application, `clientId`, lives in another one, with its credential. */
  readonly customer: boolean;
}

/** What provisioning works with. */
export interface ProvisionParts {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What is there, and what is to be done. */
export interface Draft extends Planned {
  readonly state: DirectoryState;
  /** The credential that is here and works. */
  readonly working: HeldCredential | undefined;
  /** A certificate that is here, and is to be registered. */
  readonly unregistered: Extract<HeldCredential, { kind: 'certificate' }> | undefined;
  readonly note: ProvisioningNote | undefined;
}

/** What was done. */
export interface Provisioned extends Applied {
  readonly access: Access;
  /** Call it once the configuration names the access: then nothing is left for a next run. */
  readonly finish: () => Promise<void>;
}

/** Returns the kind of credential that a configured identity is; undefined for none, or one without a registration. */
export function kindOf(auth: TenantAuth | undefined): CredentialKind | undefined {
  if (auth === undefined || auth.kind === 'managed-identity') return undefined;
  const kinds = {
    certificate: 'certificate',
    'client-secret': 'secret',
    'workload-identity': 'federated',
    user: 'user',
  } as const;
  return kinds[auth.kind];
}

/** Returns the audience of federated tokens in a cloud (reference §11.4). */
export function federationAudience(cloud: CloudName): string {
  return cloud === 'gcc-high' || cloud === 'dod'
    ? 'api://AzureADTokenExchangeUSGov'
    : 'api://AzureADTokenExchange';
}

/** Looks at the directory and this host, and plans; changes nothing. Throws as `Directory` does, and ARGUMENTS_INVALID. */
export async function draftProvision(request: ProvisionRequest, parts: ProvisionParts): Promise<Draft> {
  const { auth, clientId, ownsItself, permissions, connector, kind, tenant } = request;
  const { directory, clock } = parts;
  const files = accessFiles(request.folder, tenant.name);
  const note = readNote(files);
  await waitForDirectory(note, parts);
  const foreignAppId = foreignOf(request);
  const application =
    foreignAppId === undefined ? await findApplication(directory, { clientId, connector, note }) : undefined;
  const aspects = {
    resources: [...new Set<Resource>(['graph', ...permissions.map(({ resource }) => resource)])],
    delegated: kind === 'user',
    owners: ownsItself,
  };
  const state = await readState(directory, application, aspects, foreignAppId);
  const nowMs = clock.now();
  const noted = note?.credentialFile;
  const held = await heldCredentials(auth, {
    certificate: noted?.endsWith('.pem') === true ? noted : files.certificate,
    secret: noted?.endsWith('.secret') === true ? noted : files.secret,
  });
  const working =
    application && [...wantedTrust(request), ...held].find((each) => works(each, request, state, nowMs));
  const unregistered = held.find((each) => each.kind === 'certificate' && isRegistrable(each, nowMs));
  const desired = desiredRegistration(request, {
    credential: working === undefined && foreignAppId === undefined ? newCredential(request) : undefined,
    lostSecrets: note?.secrets ?? [],
  });
  const planned = planProvision(state, desired, { repair: request.repair, nowMs });
  return {
    ...planned,
    state,
    working,
    unregistered: unregistered?.kind === 'certificate' ? unregistered : undefined,
    note,
  };
}

/** Returns the plan for a tenant in which nothing is yet, for those who carry it out elsewhere. */
export function planFromNothing(request: ProvisionRequest): Plan {
  const desired = desiredRegistration(request, {
    credential: request.customer ? undefined : newCredential(request),
    lostSecrets: [],
  });
  return planProvision(nothingThere, desired, { repair: false, nowMs: 0 }).plan;
}

/** Returns the client id of an application of another tenant. Throws ARGUMENTS_INVALID where none is named. */
function foreignOf({ customer, clientId, auth, tenant }: ProvisionRequest): string | undefined {
  if (!customer) return undefined;
  if (clientId !== undefined && auth !== undefined) return clientId;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    `${tenant.name} is a customer of a group that has no application yet: provision that in its home tenant, with --multi-tenant, and write its \`auth\` into the group`,
  );
}

function desiredRegistration(
  request: ProvisionRequest,
  credentials: Pick<DesiredRegistration, 'credential' | 'lostSecrets'>,
): DesiredRegistration {
  const { tenant, connector, permissions, kind, multiTenant, ownsItself } = request;
  const foreignAppId = foreignOf(request);
  return {
    tenant: tenant.name,
    tenantId: tenant.id,
    displayName: displayNameOf(connector),
    tags: tagsOf(connector),
    permissions,
    publicClient: kind === 'user',
    multiTenant,
    ownsItself: ownsItself && foreignAppId === undefined,
    foreignAppId,
    ...credentials,
  };
}

/** What is held by nobody on this host: a trust in another issuer's tokens, and a person's sign-in. */
function wantedTrust({ kind, federated }: ProvisionRequest): readonly HeldCredential[] {
  if (kind === 'user') return [{ kind }];
  return kind === 'federated' && federated !== undefined ? [{ kind }] : [];
}

function works(
  held: HeldCredential,
  { kind, federated }: ProvisionRequest,
  state: DirectoryState,
  nowMs: number,
): boolean {
  if (held.kind === 'user' || held.kind === 'federated') {
    if (held.kind !== kind) return false;
  }
  if (held.kind === 'federated' && federated !== undefined) return isTrusted(federated, state);
  return isAccepted(held, state, nowMs);
}

function isTrusted({ issuer, subject }: FederatedCredential, { federated }: DirectoryState): boolean {
  return federated.some((known) => known.issuer === issuer && known.subject === subject);
}

/** A certificate in one PEM file whose end is not near can be registered as it is. */
function isRegistrable(held: Extract<HeldCredential, { kind: 'certificate' }>, nowMs: number): boolean {
  return held.path !== undefined && held.facts.notAfterMs > nowMs;
}

function newCredential(request: ProvisionRequest): NewCredential | undefined {
  const { kind, days } = request;
  if (kind === 'user') return undefined;
  return kind === 'federated' ? { kind, credential: federationOf(request) } : { kind, days };
}

/** Returns whose tokens are to be trusted. Throws ARGUMENTS_INVALID where that was not said. */
export function federationOf({ federated }: Pick<ProvisionRequest, 'federated'>): FederatedCredential {
  if (federated !== undefined) return federated;
  throw new ConnectorError(
    'ARGUMENTS_INVALID',
    'A federated credential needs --issuer and --subject: the OIDC issuer of the cluster, and system:serviceaccount:NAMESPACE:NAME.',
  );
}

/**
 * Carries a draft out, telling each step. What ends it half-way is noted beside the configuration, and the next run goes
 * on from there. Throws as `applyPlan` does.
 */
export async function carryOut(
  draft: Draft,
  request: ProvisionRequest,
  parts: ProvisionParts,
): Promise<Provisioned> {
  const { directory, clock, tell } = parts;
  const files = accessFiles(request.folder, request.tenant.name);
  let note: ProvisioningNote = draft.note ?? { atMs: clock.now(), secrets: [] };
  const setNote = async (change: (known: ProvisioningNote) => ProvisioningNote) => {
    note = { ...change(note), atMs: clock.now() };
    await writeNote(files, note);
  };
  let access: Access | undefined;
  if (draft.plan.steps.length > 0) await setNote((known) => known);
  const applied = await applyPlan(draft.plan, {
    directory,
    tell,
    onApplication: ({ appId }) => setNote((known) => ({ ...known, appId })),
    async addCredential(id, appId, credential) {
      const adding = { directory, clock, files, certificate: draft.unregistered, note: setNote };
      const added = await addCredential({ id, appId }, credential, adding);
      access = added.access;
      return added.said;
    },
  });
  access ??= await accessOf(draft, request, applied.application.appId);
  return { ...applied, access, finish: () => removeNote(files) };
}

async function accessOf(draft: Draft, request: ProvisionRequest, clientId: string): Promise<Access> {
  const { auth, folder, kind } = request;
  const { working } = draft;
  if (request.customer && auth !== undefined) return { credential: auth, written: { clientId } };
  if (auth !== undefined && working !== undefined && isOf(working, auth)) {
    const certificate = working.kind === 'certificate' ? working.facts : undefined;
    return { credential: { ...auth, clientId }, written: { clientId }, certificate };
  }
  if (working?.kind === 'certificate' && working.path !== undefined) {
    return certificateAccess(clientId, working.path, working.facts, folder);
  }
  if (working?.kind === 'secret' && working.path !== undefined) {
    return secretAccess(clientId, working.path, working.value, folder);
  }
  return kind === 'user'
    ? userAccess(clientId, accessFiles(folder, request.tenant.name))
    : federatedAccess(clientId);
}

/**
 * True for the credential that the configuration names already, and for a copy of it: the service may read it elsewhere,
 * such as among systemd's credentials. Then the entry stays as it is.
 */
function isOf(held: HeldCredential, auth: TenantAuth): boolean {
  if (held.kind !== kindOf(auth)) return false;
  if (held.kind === 'certificate') {
    return !('path' in auth) || held.path === undefined || held.path === auth.path || !existsSync(auth.path);
  }
  if (held.kind !== 'secret' || auth.kind !== 'client-secret') return true;
  const value = auth.secret.read();
  // A reference to a file that is not here is left as it is written.
  return held.value === value || value.startsWith('${file:');
}

/** True where nothing is to be done. */
export function isEmpty({ steps }: Plan): boolean {
  return steps.length === 0;
}
