import { randomUUID } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import { ConnectorError, messageOf } from '../errors.ts';
import { instantOf } from '../fields/instant.ts';
import { createQuotas } from '../http/quotas.ts';
import { normalise, recordOf } from '../normalise/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createSink } from './sink.ts';
import { openSourceApi } from './source.ts';
import { connectTenant, type TenantConnection } from './tenant-connection.ts';

/** What one try came to. */
export interface CheckResult {
  readonly what: string;
  /** What was found, or what is wrong and what to do. */
  readonly finding: string;
  /** Undefined when all is well. */
  readonly failure: unknown;
}

/** How `check` tries things. */
export interface LiveCheckOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Sends a test event to each sink, in place of only opening it. */
  readonly sendTest: boolean;
}

/** Tries what the configuration names: a token for each API, the permissions, a record of each source, each sink. */
export async function* checkLive(config: Config, options: LiveCheckOptions): AsyncGenerator<CheckResult> {
  const { clock, log } = options;
  const quotas = createQuotas(clock);
  for (const tenantConfig of config.tenants) {
    const tenant = connectTenant(tenantConfig, { quotas, clock, log });
    for (const source of config.sources.filter((candidate) => candidate.tenant === tenant.name)) {
      yield await attempt(`source ${source.name} of ${tenant.name}`, () =>
        trySource(source, tenant, options),
      );
    }
    tenant.close();
  }
  for (const sink of config.sinks) yield await attempt(`sink ${sink.name}`, () => trySink(sink, options));
}

async function attempt(what: string, act: () => Promise<string>): Promise<CheckResult> {
  try {
    return { what, finding: await act(), failure: undefined };
  } catch (error) {
    const failure = isTimeout(error) ? tookTooLong() : error;
    return { what, finding: messageOf(failure).replace(`${what}: `, ''), failure };
  }
}

/** Whether the time that the whole check has was over: that says nothing of what went wrong. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function tookTooLong(): ConnectorError {
  return new ConnectorError(
    'API_UNREACHABLE',
    'the time of this check was over before there was an answer: the API has asked to wait, or a firewall drops the ' +
      'packets; run it again with `log.level: debug` to see which',
  );
}

async function trySource(
  config: Config['sources'][number],
  tenant: TenantConnection,
  { clock, signal }: LiveCheckOptions,
): Promise<string> {
  const { api, type } = openSourceApi(config, tenant, { ...config.options, pageSize: 1 });
  const { roles } = await tenant.tokens.claims(type.api, signal);
  const granted = roles.length === 0 ? 'no permission' : roles.join(', ');
  const [least] = type.permissions;
  if (least !== undefined && !type.permissions.some((permission) => roles.includes(permission))) {
    throw new ConnectorError(
      'PERMISSION_MISSING',
      `the token has ${granted}, but a source of type ${type.type} needs ${least}: add this application permission to the app registration and grant admin consent`,
    );
  }
  const nowMs = clock.now();
  const window = { from: instantOf(nowMs - config.sinceMs), to: instantOf(nowMs) };
  const { records } = await api.read({ window, priority: 'live' }, signal);
  const [record] = records;
  const seen = record === undefined ? 'no record in the last span of `since`' : `read ${record.id}`;
  return `token with ${granted}; ${seen}`;
}

async function trySink(config: Config['sinks'][number], options: LiveCheckOptions): Promise<string> {
  const { sink, format } = createSink(config, options);
  await using opened = sink;
  if (!options.sendTest) {
    await opened.probe(options.signal);
    return 'opened';
  }
  const event = testEvent(options.clock.now());
  const formatted = format(event, opened.payloadBytes(event));
  if (formatted.kind === 'oversize') throw new ConnectorError('SINK_REFUSED', formatted.reason);
  const [outcome] = await opened.send([{ event, text: formatted.text }], options.signal);
  if (outcome?.kind === 'accepted') {
    await opened[Symbol.asyncDispose]();
    if ((opened.takeInDoubt?.() ?? 0) === 0) return `sent the test event ${event.id}`;
    const reason = 'the receiver took the test event, but has not read it: it hangs, or is slow';
    throw new ConnectorError('SINK_REFUSED', reason);
  }
  throw new ConnectorError('SINK_REFUSED', `the test event was not taken: ${outcome?.reason ?? 'no answer'}`);
}

function testEvent(nowMs: number) {
  const now = instantOf(nowMs);
  const record = recordOf(
    'graph-alert',
    JSON.stringify({
      id: `defender-siem-test-${randomUUID()}`,
      title: 'Test event of defender-siem',
      description: 'Sent by `defender-siem check --send-test`. No alert stands behind it.',
      severity: 'informational',
      status: 'new',
      category: 'Test',
      serviceSource: 'unknown',
      createdDateTime: now,
      lastUpdateDateTime: now,
      evidence: [],
    }),
  );
  return normalise(record, {});
}
