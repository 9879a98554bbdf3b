import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elastic } from '../../connectors/elastic/connector.ts';
import type { Sink, SinkContext } from '../../src/sinks/sink.ts';
import { ElasticServer, type ElasticSettings } from './elastic-server.ts';
import { testRoot } from './https-server.ts';
import { sinkContext } from './sink-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'elastic-'));
const ca = join(folder, 'root.pem');
writeFileSync(ca, testRoot.cert);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Returns a sink of the type `elastic` that trusts the test root and has the servers' usual key. */
export function elasticSink(
  url: string | readonly string[],
  extra: object = {},
  facts: Partial<SinkContext> = {},
): Sink {
  const options = elastic.options.parse({ url, apiKey: 'key-id:hush', tls: { ca }, ...extra });
  return elastic.create(options, sinkContext({ format: 'ecs', ...facts }));
}

/** A strict server, and a sink that sends to it. */
export interface ElasticRig extends AsyncDisposable {
  readonly server: ElasticServer;
  readonly sink: Sink;
}

/** Opens both; without TLS, which takes most of a short test's time, unless the settings say otherwise. */
export async function elasticRig(
  settings: Partial<ElasticSettings> = {},
  extra: object = {},
  facts: Partial<SinkContext> = {},
): Promise<ElasticRig> {
  const server = await ElasticServer.listen({ tls: false, ...settings });
  const way = server.settings.tls ? {} : { tls: undefined };
  const sink = elasticSink(server.url, { ...way, ...extra }, facts);
  return {
    server,
    sink,
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
