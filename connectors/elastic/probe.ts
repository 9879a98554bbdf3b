import { ConnectorError } from '../../src/errors.ts';
import type { SinkContext } from '../../src/sinks/sink.ts';
import { isElasticsearch, wholeAnswer } from './answer.ts';
import type { ElasticClient, NodeAnswer } from './client.ts';
import { dataStreamName, kindWords, ownDataset } from './data-stream.ts';
import type { DocumentOptions } from './documents.ts';
import { integrationDatasets } from './integration.ts';
import { isObject, type JsonObject, objectIn } from './json-body.ts';

/** Index templates that come with Elasticsearch for any `logs-*-*`: they guess the types of fields. */
const builtInTemplates: ReadonlySet<unknown> = new Set(['logs', 'logs-otel@template']);

/** Looks whether documents would be taken, without writing any. */
export class Probe {
  readonly #client: ElasticClient;
  readonly #options: DocumentOptions;
  readonly #context: SinkContext;

  constructor(client: ElasticClient, options: DocumentOptions, context: SinkContext) {
    this.#client = client;
    this.#options = options;
    this.#context = context;
  }

  /** Throws a `ConnectorError` that says what is wrong; what only may go wrong is logged as a warning. */
  async run(signal: AbortSignal): Promise<void> {
    const streams = this.#streams();
    const missing = await this.#missingPrivileges(streams, signal);
    for (const [stream, privileges] of missing) {
      if (privileges.includes('create_doc')) throw this.#refused(stream, privileges);
      const words =
        'the credentials may not make this data stream or add fields to it: grant `auto_configure`, as in api-key.json';
      this.#context.log.warn({ sink: this.#context.name, stream }, words);
    }
    await this.#lookAtTemplates(streams, signal);
  }

  /** Every data stream that may be written to. */
  #streams(): readonly string[] {
    const { dataset, namespace, format } = this.#options;
    const own = kindWords.map((word) => (dataset ?? ownDataset).replace('{kind}', word));
    const theirs = dataset === undefined && format === 'json' ? integrationDatasets : [];
    return [...new Set([...own, ...theirs])].map((name) => dataStreamName({ dataset: name, namespace }));
  }

  /** Any user may ask what it may do itself; only a cluster without security cannot tell. */
  async #missingPrivileges(
    streams: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [stream: string, privileges: readonly string[]])[]> {
    const asked = ['create_doc', 'auto_configure'];
    const body = JSON.stringify({ index: [{ names: streams, privileges: asked }] });
    const headers = { 'Content-Type': 'application/json' };
    const request = { method: 'POST', headers, body } as const;
    const answer = await this.#client.request('/_security/user/_has_privileges', request, signal);
    const json = objectIn(answer.response.body);
    if (answer.response.status === 200 && isObject(json?.index)) {
      const granted = json.index;
      return streams.flatMap((stream) => {
        const own = granted[stream];
        const lacking = asked.filter((privilege) => !isObject(own) || own[privilege] !== true);
        return lacking.length === 0 ? [] : [[stream, lacking] as const];
      });
    }
    await this.#lookAtCluster(answer, json, signal);
    return [];
  }

  /** Without security there is nobody to ask for privileges: then the cluster's own name shows that it is one. */
  async #lookAtCluster(answer: NodeAnswer, json: JsonObject | undefined, signal: AbortSignal): Promise<void> {
    const { status } = answer.response;
    const noSecurity = (status === 400 || status === 405) && isElasticsearch(answer.response, json);
    if (!noSecurity) throw this.#failure(answer, json);
    const root = await this.#client.request('/', { method: 'GET' }, signal);
    const named = objectIn(root.response.body);
    if (root.response.status !== 200 || typeof named?.cluster_name !== 'string')
      throw this.#failure(root, named);
  }

  /** Warns of a data stream whose fields Elasticsearch guesses; who may not look at it hears nothing. */
  async #lookAtTemplates(streams: readonly string[], signal: AbortSignal): Promise<void> {
    const names = streams.map((name) => encodeURIComponent(name)).join();
    const path = `/_data_stream/${names}?ignore_unavailable=true&filter_path=data_streams.name,data_streams.template`;
    const { response } = await this.#client.request(path, { method: 'GET' }, signal);
    const found = response.status === 200 ? objectIn(response.body)?.data_streams : undefined;
    for (const stream of Array.isArray(found) ? found : []) {
      if (!isObject(stream) || !builtInTemplates.has(stream.template)) continue;
      const words =
        'this data stream was made by a built-in index template, which guesses the types of fields: install the index template of this connector (or of the integration), then roll the data stream over';
      this.#context.log.warn({ sink: this.#context.name, stream: stream.name }, words);
    }
  }

  #refused(stream: string, privileges: readonly string[]): ConnectorError {
    const lacking = privileges.map((privilege) => `\`${privilege}\``).join(' and ');
    const words = `the credentials may not write to ${stream}: grant ${lacking} on it, as in api-key.json`;
    return new ConnectorError('SINK_REFUSED', `sink ${this.#context.name}: ${words}`);
  }

  #failure({ response, url }: NodeAnswer, json: JsonObject | undefined): ConnectorError {
    const nowMs = this.#context.clock.now();
    const verdict = wholeAnswer(response, json, { url, nowMs, secrets: this.#client.secrets });
    const busy = response.status >= 500 || response.status === 429;
    const reason =
      verdict.kind === 'accepted' ? `${url} does not answer as Elasticsearch does` : verdict.reason;
    const code = busy ? 'SINK_UNREACHABLE' : 'SINK_REFUSED';
    return new ConnectorError(code, `sink ${this.#context.name}: ${reason}`);
  }
}
