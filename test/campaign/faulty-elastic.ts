import { ElasticServer } from '../support/elastic-server.ts';
import type { Answer } from '../support/http-receiver.ts';
import { type FaultySiem, isBad } from './faulty-siem.ts';

/** What stands in place of an answer of the server's own. */
const answers: Readonly<Record<string, Answer>> = {
  'is busy': { status: 429 },
  'is busy and names seconds': { status: 429, headers: { 'retry-after': '60' } },
  'has no master': { status: 503, body: '{"error":{"type":"cluster_block_exception","reason":"no master"}}' },
  'hides behind a sign-in page': { status: 200, body: '<html>Sign in</html>' },
  'hides behind a proxy that refuses': { status: 400, body: '<html>Bad Request</html>' },
  'answers with too few items': { status: 200, body: '{"errors":false,"items":[{"create":{"status":201}}]}' },
  'cuts its answers short': { status: 200, body: '{"errors":false,"items":[{"create":{"sta' },
  'knows no such key': { status: 401, body: '{"error":{"type":"security_exception","reason":"no"}}' },
  'is silent': 'hang',
  'cuts the connection': 'reset',
};

/** Statuses of each document. */
const itemStatuses: Readonly<Record<string, number>> = {
  'forbids the stream': 403,
  'knows no such stream': 404,
  'refuses everything': 400,
};

/** Elasticsearch, which refuses bad alerts one by one. */
export class FaultyElastic implements FaultySiem {
  readonly name = 'elastic';
  readonly #server: ElasticServer;
  #fault = '';
  #documents = 0;
  readonly refusesAll = new Set(['refuses everything']);

  private constructor(server: ElasticServer) {
    this.#server = server;
    server.fault = ({ body }) => {
      if (this.#fault === 'takes small requests only' && body.split('\n').length > 7) return { status: 413 };
      return answers[this.#fault];
    };
    server.lostAnswer = () => (this.#fault === 'loses its answers' ? 'reset' : undefined);
    server.itemFault = (document) => {
      const { event } = JSON.parse(document) as { event: { id: string } };
      if (isBad(event.id)) return 400;
      if (this.#fault === 'puts off every other document')
        return this.#documents++ % 2 === 0 ? 429 : undefined;
      return itemStatuses[this.#fault];
    };
  }

  static async listen(): Promise<FaultyElastic> {
    return new FaultyElastic(await ElasticServer.listen({ tls: false }));
  }

  get sink() {
    const { url, settings } = this.#server;
    const batch = { maxEvents: 12 };
    return { name: this.name, type: 'elastic', url, apiKey: settings.apiKey, timeout: '500ms', batch };
  }

  readonly faults = {
    ...Object.fromEntries(
      [...Object.keys(answers), ...Object.keys(itemStatuses)].map((name) => [name, true]),
    ),
    'loses its answers': true,
    'takes small requests only': false,
    'puts off every other document': false,
  };

  async begin(fault: string): Promise<void> {
    this.#fault = fault;
  }

  async mend(): Promise<void> {
    this.#fault = '';
  }

  received(): readonly string[] {
    return this.#server.stored.map(({ document }) => (document.event as { id: string }).id);
  }

  refuses(id: string): boolean {
    return isBad(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
