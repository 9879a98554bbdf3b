import type { Config } from '../config/schema.ts';
import type { AnswerMemory } from '../http/answer-memory.ts';
import { type ApiClient, createApiClient } from '../http/api-client.ts';
import type { HttpClient } from '../http/client.ts';
import type { QuotaShare } from '../http/quota.ts';
import type { Quotas } from '../http/quotas.ts';
import { createSharedClients, type SharedClients } from '../http/shared-clients.ts';
import { type Api, allowedHosts, type Endpoints, resolveEndpoints } from '../identity/clouds.ts';
import type { TenantAuth } from '../identity/credential.ts';
import { createTokenProvider, type TokenProvider } from '../identity/token-provider.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ReceiverTokens } from '../sinks/sink.ts';
import { packageVersion } from '../version.ts';

/** A tenant of the configuration. */
export type TenantConfig = Config['tenants'][number];

/** An answer takes at most this long, ms, and has at most this many bytes: ten thousand alerts with evidence. */
const usualAnswerTimeoutMs = 120_000;
const largestAnswerBytes = 256 * 2 ** 20;

/** The way to one tenant: its hosts, its identity, and an authorised client for each API. */
export interface TenantConnection {
  readonly name: string;
  /** Directory id, as configured: a GUID or a domain. */
  readonly id: string;
  readonly endpoints: Endpoints;
  readonly credential: TenantAuth;
  /** Trusts and goes the way that the configuration says; for calls without a budget of their own. */
  readonly http: HttpClient;
  readonly tokens: TokenProvider;
  client(api: Api): ApiClient;
  /** Takes a share of an API's budget, for who calls it again and again. */
  joinQuota(api: Api): QuotaShare;
  /** Closes idle connections, and ends a token request under way: nothing may hold up the end of the program. */
  close(): void;
}

/** What all tenants share. */
export interface TenantContext {
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an answer may take, ms; two minutes without it. Not where `clients` are given. */
  readonly answerTimeoutMs?: number | undefined;
  /** The connections that all share, who closes them; without it, those of this tenant alone. */
  readonly clients?: SharedClients;
}

/** Returns the HTTP clients of tenants; an answer may take so long, ms, or two minutes; `memory` bounds all together. */
export function createTenantClients(
  answerTimeoutMs: number = usualAnswerTimeoutMs,
  memory?: AnswerMemory,
): SharedClients {
  return createSharedClients({
    memory,
    timeoutMs: answerTimeoutMs,
    maxResponseBytes: largestAnswerBytes,
    userAgent: `MdePartner-DefenderSiem-DefenderSiem/${packageVersion()}`,
  });
}

/** Returns the way to a tenant; connects when first used. Throws CONFIG_INVALID for files that cannot be read. */
export function connectTenant(tenant: TenantConfig, context: TenantContext): TenantConnection {
  const { quotas, clock, log } = context;
  const endpoints = resolveEndpoints(tenant.cloud, tenant.region, tenant.endpoints);
  const clients = context.clients ?? createTenantClients(context.answerTimeoutMs);
  const tls = tenant.tls === undefined ? undefined : { ...tenant.tls, verify: true };
  const http = clients.clientFor(tls, tenant.proxy);
  const credential: TenantAuth = tenant.auth;
  const closing = new AbortController();
  const tokens = createTokenProvider({
    tenant,
    credential,
    endpoints,
    http,
    clock,
    log,
    signal: closing.signal,
  });
  const owner = { tenantId: tenant.id, clientId: credential.clientId };
  const apiClients = new Map<Api, ApiClient>();
  return {
    name: tenant.name,
    id: tenant.id,
    endpoints,
    credential,
    http,
    tokens,
    client(api) {
      const known = apiClients.get(api);
      if (known !== undefined) return known;
      const client = createApiClient({
        tenant: tenant.name,
        api,
        tokens,
        http,
        quota: quotas.quotaFor(owner, api),
        allowedHosts: allowedHosts(api, endpoints),
        clock,
        log,
      });
      apiClients.set(api, client);
      return client;
    },
    joinQuota: (api) => quotas.quotaFor(owner, api).join(),
    close() {
      closing.abort();
      if (context.clients === undefined) clients.close();
    },
  };
}

/** Returns the tokens of a tenant for Azure Monitor, and no others (I8): what a sink of its gets. */
export function monitorTokensOf({ tokens }: Pick<TenantConnection, 'tokens'>): ReceiverTokens {
  return {
    token: (signal) => tokens.token('monitor', signal),
    invalidate: (token) => tokens.invalidate('monitor', token),
  };
}
