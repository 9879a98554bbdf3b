import { z } from 'zod';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import { describeConnectionError } from '../http/connection-error.ts';
import { systemClock } from '../runtime/clock.ts';
import { authorities, type CloudName, cloudTitles, type Endpoints } from './clouds.ts';
import { entraCodeMeans } from './entra-errors.ts';
import { type Applicant, IdentityError, refusedToken, unreachableAuthority } from './identity-error.ts';
import { parseJson } from './token-endpoint.ts';

/** What Entra ID tells anyone of a tenant. */
export interface TenantMetadata {
  /** GUID of the directory, also where it was asked for by a domain. */
  readonly tenantId: string;
  /** The cloud it lives in; undefined for one that Defender does not live in, or that is not known here. */
  readonly cloud: CloudName | undefined;
  /** Such as `microsoftonline.com`; undefined where it is not told. */
  readonly instance: string | undefined;
  /** `iss` of its tokens. */
  readonly tokenIssuer: string;
}

/** Whose metadata is asked for, and where. */
export interface TenantQuestion {
  readonly http: HttpClient;
  /** Origin of the authority. */
  readonly authority: string;
  /** GUID of the directory, or a verified domain. */
  readonly tenantId: string;
  /** The tenant's name in the configuration, for messages; without it, its id. */
  readonly tenant?: string | undefined;
}

const text = z.string().min(1).optional().catch(undefined);
const shape = z.object({
  issuer: z.string().min(1),
  token_endpoint: text,
  tenant_region_sub_scope: text,
  cloud_instance_name: text,
  msgraph_host: text,
});

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * Resolves with what an authority tells of a tenant; no credential is needed. Rejects with IDENTITY_REFUSED when it does
 * not know the tenant, IDENTITY_UNAVAILABLE when it cannot be had, or the signal's reason.
 */
export async function readTenantMetadata(
  { http, authority, tenantId, tenant }: TenantQuestion,
  signal: AbortSignal,
): Promise<TenantMetadata> {
  const asker: Applicant = { tenant: tenant ?? tenantId, clientId: undefined, secrets: [] };
  const url = `${authority}/${encodeURIComponent(tenantId)}/v2.0/.well-known/openid-configuration`;
  let answer: HttpResponse;
  try {
    answer = await http.request({ method: 'GET', url, headers: { Accept: 'application/json' } }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw unreachableAuthority(asker, describeConnectionError(error, url), error);
  }
  if (answer.status !== 200) throw refusedToken(asker, answer, systemClock.now());
  const told = shape.safeParse(parseJson(answer.body)).data;
  const id = guid.exec(told?.issuer ?? '')?.[0] ?? guid.exec(told?.token_endpoint ?? '')?.[0];
  if (told === undefined || id === undefined) {
    throw new IdentityError(
      'IDENTITY_UNAVAILABLE',
      `tenant ${asker.tenant}: ${url} does not tell of a tenant: check \`endpoints.authority\` and the proxy`,
      { retryable: true },
    );
  }
  return {
    tenantId: id.toLowerCase(),
    cloud: cloudOf(told),
    instance: told.cloud_instance_name,
    tokenIssuer: told.issuer,
  };
}

/**
 * Resolves with the metadata of a tenant from its configured authority or, where that does not know it, from those of
 * the other clouds. An authority of the configuration's own is the only one asked. Rejects as `readTenantMetadata` does.
 */
export async function locateTenant(
  question: Omit<TenantQuestion, 'authority'> & { readonly endpoints: Endpoints },
  signal: AbortSignal,
): Promise<TenantMetadata> {
  const { authority, overridden } = question.endpoints;
  const others = overridden.has('authority') ? [] : authorities.filter((other) => other !== authority);
  try {
    return await readTenantMetadata({ ...question, authority }, signal);
  } catch (error) {
    if (!(error instanceof IdentityError) || !entraCodeMeans(error.entraCode, 'cloud')) throw error;
    for (const other of others) {
      const found = await readTenantMetadata({ ...question, authority: other }, signal).catch(
        () => undefined,
      );
      signal.throwIfAborted();
      if (found !== undefined) return found;
    }
    throw error;
  }
}

/** Returns what is wrong with the configured cloud, with the value to set; undefined when nothing is known to be. */
export function cloudMismatch(
  configured: CloudName,
  { cloud, instance }: Pick<TenantMetadata, 'cloud' | 'instance'>,
): string | undefined {
  if (cloud === configured) return undefined;
  if (cloud !== undefined) {
    return `the tenant lives in the cloud ${cloudTitles[cloud]}, but \`cloud\` says ${configured}: set \`cloud: ${cloud}\``;
  }
  if (!/(^|\.)(partner\.microsoftonline|chinacloudapi)\.cn$/i.test(instance ?? '')) return undefined;
  return 'the tenant lives in the cloud that 21Vianet operates in China, where the Microsoft Defender APIs do not exist';
}

/** DODCON is what Entra ID calls GCC High; the commercial cloud and GCC share one authority. */
function cloudOf(told: z.output<typeof shape>): CloudName | undefined {
  const host = told.msgraph_host?.toLowerCase();
  switch (told.tenant_region_sub_scope?.toUpperCase()) {
    case 'GCC':
      return 'gcc';
    case 'DODCON':
      return 'gcc-high';
    case 'DOD':
      return 'dod';
    default:
  }
  if (host === 'dod-graph.microsoft.us') return 'dod';
  if (host === 'graph.microsoft.us' || told.cloud_instance_name === 'microsoftonline.us') return 'gcc-high';
  return told.cloud_instance_name === 'microsoftonline.com' ? 'commercial' : undefined;
}
