import type { Config } from '../../config/schema.ts';
import { ConnectorError } from '../../errors.ts';
import { createQuotas } from '../../http/quotas.ts';
import { addressText } from '../../sinks/peer.ts';
import { createSink, tenantsOfSink } from '../sink.ts';
import {
  connectTenant,
  createTenantClients,
  monitorTokensOf,
  type TenantConnection,
} from '../tenant-connection.ts';
import { sinkChecks, tenantChecks } from './checks.ts';
import type { LiveCheckContext, LiveCheckOptions } from './context.ts';
import { inOrder } from './in-order.ts';
import { type Finding, Report } from './report.ts';
import type { SinkSubject } from './sink-subject.ts';
import type { TenantSubject } from './tenant-subject.ts';

/** All that was found out about one tenant or sink. */
export interface CheckedSubject {
  /** Such as `tenant contoso`, with what tells it from others. */
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Tenants and sinks that are looked at at the same time. */
const concurrency = 8;
/** Longest wait for an answer, ms. */
const answerTimeoutMs = 15_000;

/**
 * Looks at every tenant and sink of a configuration, several at a time, and yields them in its order. One that is broken
 * changes nothing for the others. Never throws for what it looks at.
 */
export async function* checkLive(config: Config, options: LiveCheckOptions): AsyncGenerator<CheckedSubject> {
  const clients = createTenantClients(answerTimeoutMs);
  const quotas = createQuotas(options.clock);
  const context: LiveCheckContext = { ...options, config, quotas, clients, hosts: new Map() };
  const looks = [
    ...config.tenants.map((tenant) => () => lookAtTenant(tenant, context)),
    ...config.sinks.map((sink) => () => lookAtSink(sink, context)),
  ];
  try {
    yield* inOrder(looks, concurrency);
  } finally {
    clients.close();
  }
}

async function lookAtTenant(
  config: Config['tenants'][number],
  context: LiveCheckContext,
): Promise<CheckedSubject> {
  const { clock, signal } = context;
  const id = `tenant.${config.name}`;
  const report = new Report({ subject: id, clock, signal, unreachable: 'API_UNREACHABLE' });
  const otherwise = 'Correct the entry of the tenant in the configuration';
  let subject: TenantSubject | undefined;
  try {
    subject = openTenant(config, context);
    for (const check of tenantChecks) await check(subject, report);
  } catch (error) {
    report.fail('configuration', 'configuration', error, otherwise);
  } finally {
    subject?.connection.close();
  }
  return { title: `tenant ${config.name} (${config.id}, ${config.cloud})`, findings: report.findings };
}

function openTenant(config: Config['tenants'][number], context: LiveCheckContext): TenantSubject {
  const sources = context.config.sources.filter(({ tenant }) => tenant === config.name);
  const used = sources.map(({ part }) => part.api);
  const connection = connectTenant(config, context);
  return { config, sources, apis: [...new Set(used)], connection, context, claims: new Map() };
}

async function lookAtSink(
  config: Config['sinks'][number],
  context: LiveCheckContext,
): Promise<CheckedSubject> {
  const { clock, signal } = context;
  const id = `sink.${config.name}`;
  const report = new Report({ subject: id, clock, signal, unreachable: 'SINK_UNREACHABLE' });
  let where = '';
  const tenants: TenantConnection[] = [];
  try {
    tenants.push(...tenantsOfSink(config).map((name) => connectTenant(tenantNamed(name, context), context)));
    const monitorTokens = (name: string) => monitorTokensOf(connectionNamed(name, tenants));
    const { sink, format } = createSink(config, { ...context, monitorTokens });
    await using opened = sink;
    const { peer } = opened;
    where = peer === undefined ? '' : `, ${addressText(peer.host, peer.port)}`;
    const subject: SinkSubject = { config, sink: opened, format, tenants, context };
    for (const check of sinkChecks) await check(subject, report);
  } catch (error) {
    const otherwise = 'Correct the entry of the sink in the configuration';
    report.fail('configuration', 'configuration', error, otherwise);
  } finally {
    for (const tenant of tenants) tenant.close();
  }
  return { title: `sink ${config.name} (${config.type}${where})`, findings: report.findings };
}

function tenantNamed(name: string, { config }: LiveCheckContext): Config['tenants'][number] {
  const tenant = config.tenants.find((candidate) => candidate.name === name);
  if (tenant === undefined) throw new ConnectorError('BUG', `no tenant ${name}`);
  return tenant;
}

function connectionNamed(name: string, tenants: readonly TenantConnection[]): TenantConnection {
  const tenant = tenants.find((candidate) => candidate.name === name);
  if (tenant === undefined) throw new ConnectorError('BUG', `no tenant ${name}`);
  return tenant;
}
