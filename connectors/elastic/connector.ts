import type { EventHead } from '../../src/event-head.ts';
import { writtenContent } from '../../src/sinks/compression.ts';
import { HttpDelivery, type ItemVerdicts, type Verdict } from '../../src/sinks/http-delivery.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import {
  accepted,
  type Outcome,
  type Payload,
  type Sink,
  type SinkContext,
  type SinkType,
} from '../../src/sinks/sink.ts';
import { expectedBytes, Utf8Writer } from '../../src/sinks/utf8-writer.ts';
import { bulkAnswer } from './answer.ts';
import { ElasticClient } from './client.ts';
import { datasetOf, ownDataset } from './data-stream.ts';
import { type BulkLines, bulkLines, type DocumentOptions } from './documents.ts';
import { FailureStore } from './failure-store.ts';
import { type ElasticOptions, elasticOptions } from './options.ts';
import { Probe } from './probe.ts';
import { StreamRefusals } from './stream-refusals.ts';

/** Answers with what is needed of each document, and no more. */
const bulkPath =
  '/_bulk?filter_path=errors,items.*.status,items.*.failure_store,items.*.error.type,items.*.error.reason,items.*.error.caused_by.type,items.*.error.caused_by.reason,error,status';

/** Bytes that a document's action and data stream take, more or less. */
const usualActionBytes = 384;

/** Elasticsearch, by data streams. */
export const elastic: SinkType<typeof elasticOptions> = {
  type: 'elastic',
  options: elasticOptions,
  defaultFormat: 'ecs',
  create: (settings, context) => new ElasticSink(settings, context),
};

class ElasticSink implements Sink {
  readonly #options: ElasticOptions;
  readonly #context: SinkContext;
  readonly #documents: DocumentOptions;
  readonly #client: ElasticClient;
  readonly #delivery: HttpDelivery;
  readonly #failureStore: FailureStore;
  readonly #refusals = new StreamRefusals();
  /** Lines of payloads that were measured and are yet to be sent. */
  readonly #lines = new WeakMap<Payload, readonly BulkLines[]>();

  constructor(settings: ElasticOptions, context: SinkContext) {
    this.#options = settings;
    this.#context = context;
    const { dataset, namespace, tags } = settings;
    this.#documents = { format: context.format, dataset, namespace, tags };
    const { url: urls, ...way } = settings;
    this.#client = new ElasticClient({ ...way, urls }, context);
    this.#failureStore = new FailureStore(context);
    const requests = {
      exchange: (payloads: readonly Payload[], signal: AbortSignal) => this.#exchange(payloads, signal),
      bytesOf: (payload: Payload) =>
        this.#linesOf(payload).reduce((bytes, pieces) => bytes + bytesOf(pieces), 0),
      maxBytes: settings.maxRequestBytes,
      maxEvents: Number.POSITIVE_INFINITY,
    };
    this.#delivery = new HttpDelivery(requests, context);
  }

  get peer(): Peer {
    return this.#client.peer;
  }

  payloadBytes(event: EventHead): number {
    const [around = []] = bulkLines({ event, text: '{}' }, this.#documents);
    const room = this.#options.maxRequestBytes - bytesOf(around);
    // As a JSON string a text on one line at most doubles: each of its quotes and backslashes gets a backslash.
    return this.#documents.format === 'ecs' ? room : Math.floor(room / 2);
  }

  send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return this.#delivery.send(payloads, signal);
  }

  async probe(signal: AbortSignal): Promise<void> {
    await new Probe(this.#client, this.#documents, this.#context).run(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }

  async #exchange(payloads: readonly Payload[], signal: AbortSignal): Promise<Verdict | ItemVerdicts> {
    const lines = payloads.map((payload) => this.#linesOf(payload));
    const writer = new Utf8Writer(expectedBytes(payloads, usualActionBytes));
    for (const pieces of lines.flat()) {
      for (const piece of pieces) writer.add(piece);
      writer.add('\n');
    }
    const { body, headers } = await writtenContent(writer, this.#options);
    const request = {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson', ...headers },
      body,
    } as const;
    const { response, url } = await this.#client.request(bulkPath, request, signal);
    const documents = lines.reduce((count, own) => count + own.length, 0);
    const nowMs = this.#context.clock.now();
    const answer = bulkAnswer(response, documents, { url, nowMs, secrets: this.#client.secrets });
    if (answer.kind !== 'documents') return answer;
    this.#failureStore.note(documents, answer.failureStore);
    const template = this.#documents.dataset ?? ownDataset;
    const streams = payloads.map(({ event }) => datasetOf(template, event));
    return { kind: 'items', outcomes: this.#refusals.judge(streams, perPayload(lines, answer.outcomes)) };
  }

  #linesOf(payload: Payload): readonly BulkLines[] {
    const known = this.#lines.get(payload);
    if (known !== undefined) return known;
    const lines = bulkLines(payload, this.#documents);
    this.#lines.set(payload, lines);
    return lines;
  }
}

/** Returns the bytes of lines, the last line end included. */
function bytesOf(pieces: BulkLines): number {
  return pieces.reduce((bytes, piece) => bytes + Buffer.byteLength(piece), 1);
}

/** Returns the outcome of each payload, of which each has so many documents as it has lines. */
function perPayload(
  lines: readonly (readonly BulkLines[])[],
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  let end = 0;
  return lines.map(({ length }) => {
    end += length;
    return together(outcomes.slice(end - length, end));
  });
}

/** Returns what becomes of a payload by its documents: sent again as long as one waits, refused when one is. */
function together(outcomes: readonly Outcome[]): Outcome {
  const waiting = outcomes.find(({ kind }) => kind === 'deferred');
  const refused = outcomes.find(({ kind }) => kind === 'rejected');
  return waiting ?? refused ?? accepted;
}
