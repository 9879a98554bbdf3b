import type { SourceConfig } from '../config/source.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { instantOf } from '../fields/instant.ts';
import { createApiClient } from '../http/api-client.ts';
import type { HttpClient } from '../http/client.ts';
import { createQuotas } from '../http/quotas.ts';
import { type Api, allowedHosts, type Endpoints } from '../identity/clouds.ts';
import type { Credential } from '../identity/credential.ts';
import { type Resource, resourceNames } from '../identity/resources.ts';
import { createTokenProvider, type TokenProvider } from '../identity/token-provider.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { countRecords } from '../sources/portions.ts';
import type { SourceType } from '../sources/source-type.ts';
import { whatIsLate } from './late-effect.ts';
import type { NeededPermission } from './plan.ts';

/** Whose access is tried, and how. */
export interface VerifyParts {
  readonly tenant: { readonly name: string; readonly id: string };
  readonly endpoints: Endpoints;
  readonly credential: Credential;
  readonly permissions: readonly NeededPermission[];
  readonly sources: readonly SourceConfig[];
  readonly sourceTypes: readonly SourceType[];
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How long a credential or a consent may take until it is taken everywhere, ms (reference §11.4). */
const effectMs = 120_000;
const pauseMs = 5_000;
const windowMs = 60_000;

/**
 * Tries what was provisioned: a token for each resource with the permissions in it, and one call of each API that is
 * read. Waits up to two minutes for what takes effect late. Throws what is still wrong then.
 */
export async function verifyAccess(parts: VerifyParts): Promise<void> {
  const { permissions, tell } = parts;
  const resources = [...new Set(permissions.map(({ resource }) => resource))];
  for (const resource of resources) {
    const needed = permissions.filter((permission) => permission.resource === resource);
    await untilItHolds(parts, (tokens) => tokenHolds(tokens, resource, needed));
    tell(`got a token for ${resourceNames[resource]} with ${needed.map(({ value }) => value).join(', ')}`);
  }
  const apis = new Map<Api, { readonly source: SourceConfig; readonly type: SourceType }>();
  for (const source of parts.sources) {
    const type = parts.sourceTypes.find((candidate) => candidate.type === source.type);
    if (type !== undefined && !apis.has(type.api)) apis.set(type.api, { source, type });
  }
  for (const { source, type } of apis.values()) {
    const read = (tokens: TokenProvider) => readOnce(parts, tokens, source, type);
    // The SIEM API answers an application that the portal has enabled, and may be retired: no grant changes that.
    const failure =
      type.api === 'siem' ? await read(providerOf(parts)).catch(messageOf) : await untilItHolds(parts, read);
    if (failure !== undefined) tell(`the source ${source.name} does not work yet: ${failure}`);
    else tell(`called ${parts.endpoints.origins[type.api]} for the source ${source.name}: it answers`);
  }
}

async function tokenHolds(
  tokens: TokenProvider,
  resource: Resource,
  needed: readonly NeededPermission[],
): Promise<void> {
  const { roles, scopes } = await tokens.claims(resource);
  const missing = needed.filter(({ value, type }) => !(type === 'Role' ? roles : scopes).includes(value));
  if (missing.length === 0) return;
  const words = missing.map(({ value, neededBy }) => `${value} (for ${neededBy.join(', ')})`).join(', ');
  throw new ConnectorError(
    'PERMISSION_MISSING',
    `the token for ${resourceNames[resource]} lacks ${words}: consent takes effect late, or was revoked; run \`check --live\` in some minutes, then this command with --repair`,
  );
}

async function readOnce(
  parts: VerifyParts,
  tokens: TokenProvider,
  source: SourceConfig,
  type: SourceType,
): Promise<void> {
  const { tenant, endpoints, http, clock, credential, signal } = parts;
  const owner = { tenantId: tenant.id, clientId: credential.clientId };
  const client = createApiClient({
    tenant: tenant.name,
    api: type.api,
    tokens,
    http,
    quota: createQuotas(clock).quotaFor(owner, type.api),
    allowedHosts: allowedHosts(type.api, endpoints),
    clock,
    log: silentLog,
  });
  const { api } = type.open(
    { ...source.options, pageSize: 1 },
    { origin: endpoints.origins[type.api], reader: client },
  );
  const nowMs = clock.now();
  const window = { from: instantOf(nowMs - windowMs), to: instantOf(nowMs) };
  const { records } = await api.read({ window, priority: 'live', brief: true }, signal);
  countRecords(records);
}

async function untilItHolds(
  parts: VerifyParts,
  attempt: (tokens: TokenProvider) => Promise<void>,
): Promise<void> {
  const { clock, signal, tell } = parts;
  const startedMs = elapsedMs(clock);
  for (let tries = 1; ; tries++) {
    // A token that was given before the permission was has to be asked for anew.
    const tokens = providerOf(parts);
    try {
      return await attempt(tokens);
    } catch (error) {
      signal.throwIfAborted();
      if (!mayComeTrue(error) || elapsedMs(clock) - startedMs >= effectMs) throw error;
      if (tries === 1) tell(`${whatIsLate(error)}, which is usual: trying again for up to two minutes`);
      await clock.sleep(pauseMs, signal);
      signal.throwIfAborted();
    }
  }
}

function providerOf({ tenant, credential, endpoints, http, clock, signal }: VerifyParts): TokenProvider {
  return createTokenProvider({ tenant, credential, endpoints, http, clock, log: silentLog, signal });
}

/** What was just made is refused until every part of Entra ID knows it. */
function mayComeTrue(error: unknown): boolean {
  return error instanceof ConnectorError && ['IDENTITY_REFUSED', 'PERMISSION_MISSING'].includes(error.code);
}
