import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentinel } from '../../../connectors/sentinel/connector.ts';
import type { ReceiverTokens, Sink, SinkContext } from '../../../src/sinks/sink.ts';
import { testFolder } from '../../support/connector-config.ts';
import { testRoot } from '../../support/https-server.ts';
import {
  type ColumnType,
  LogsIngestionServer,
  type LogsIngestionSettings,
} from '../../support/logs-ingestion-server.ts';
import { sinkContext } from '../../support/sink-contract.ts';

/** Immutable id of the rule of these tests. */
export const rule = `dcr-${'0123456789abcdef'.repeat(2)}`;

/** Directory that owns the rule. */
export const tenantId = '00000000-0000-4000-8000-000000000001';

/** The identity that may write. */
export const publisher = '00000000-0000-4000-8000-00000000000b';

/** Returns a token that says so of itself; nothing is signed. */
export function monitorToken(claims: Readonly<Record<string, unknown>> = {}, serial = 1): string {
  const whole = { aud: 'https://monitor.azure.com', tid: tenantId, oid: publisher, serial, ...claims };
  return `e30.${Buffer.from(JSON.stringify(whole)).toString('base64url')}.x`;
}

/** Tokens of a tenant, one after the other as they are forgotten. */
export class TestTokens implements ReceiverTokens {
  issued = 1;
  claims: Readonly<Record<string, unknown>> = {};
  failure: Error | undefined;

  async token(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    return monitorToken(this.claims, this.issued);
  }

  invalidate(token: string): void {
    if (token === monitorToken(this.claims, this.issued)) this.issued++;
  }
}

/** Returns a file that holds the root of the receivers' certificates. */
export function rootFile(): string {
  const path = join(testFolder(), 'root.pem');
  writeFileSync(path, testRoot.cert);
  return path;
}

/** An API, and a sink that writes to it. */
export interface SentinelRig extends AsyncDisposable {
  readonly server: LogsIngestionServer;
  readonly tokens: TestTokens;
  readonly sink: Sink;
}

/** Starts an API whose stream has these columns, and returns it with a sink. */
export async function openRig(
  columns: Readonly<Record<string, ColumnType>>,
  options: Readonly<Record<string, unknown>> = {},
  context: Partial<SinkContext> = {},
  settings: Partial<LogsIngestionSettings> = {},
): Promise<SentinelRig> {
  const server = await LogsIngestionServer.listen({
    rule,
    streams: { 'Custom-Defender_CL': columns },
    audience: 'https://monitor.azure.com',
    tenantId,
    publishers: new Set([publisher]),
    ...settings,
  });
  const tokens = new TestTokens();
  const sink = openSink(server.endpoint, tokens, options, context);
  return {
    server,
    tokens,
    sink,
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Returns a sink that writes to this endpoint. */
export function openSink(
  endpoint: string,
  tokens: ReceiverTokens,
  options: Readonly<Record<string, unknown>> = {},
  context: Partial<SinkContext> = {},
): Sink {
  const settings = { endpoint, rule, tenant: 'contoso', tls: { ca: rootFile() }, ...options };
  return sentinel.create(
    sentinel.options.parse(settings),
    sinkContext({ monitorTokens: () => tokens, ...context }),
  );
}
