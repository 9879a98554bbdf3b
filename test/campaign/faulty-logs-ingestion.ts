import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { streamColumns } from '../connectors/sentinel/stream-columns.ts';
import type { Answer } from '../support/http-receiver.ts';
import { testRoot } from '../support/https-server.ts';
import { LogsIngestionServer } from '../support/logs-ingestion-server.ts';
import { type FaultySiem, isBad } from './faulty-siem.ts';

/** The directory of the simulator, and its application in it. */
const simulatedTenantId = '51515151-0000-4000-8000-7e4a4700c0de';
const servicePrincipalId = '0b1ec700-5151-4000-8000-000000000001';

const rule = `dcr-${'0123456789abcdef'.repeat(2)}`;

const says = (status: number, code: string): Answer => ({
  status,
  body: JSON.stringify({ error: { code, message: 'told to say so' } }),
});

/** What stands in place of an answer of the API's own. */
const answers: Readonly<Record<string, Answer>> = {
  'is busy': { status: 429 },
  'is busy and names seconds': { status: 429, headers: { 'retry-after': '60' } },
  'is ill': { status: 500 },
  'hides behind a sign-in page': { status: 200, body: '<html>Sign in</html>' },
  'hides behind a proxy that refuses': { status: 400, body: '<html>Bad Request</html>' },
  'takes the role away': says(403, 'OperationFailed'),
  'takes no token': says(401, 'InvalidToken'),
  'knows no such rule': says(404, 'NotFound'),
  'knows no such stream': says(400, 'InvalidStream'),
  'refuses everything': says(400, 'InvalidPayload'),
  'is silent': 'hang',
  'cuts the connection': 'reset',
};

/** The Logs Ingestion API, which tells that a row is bad, but not which. Tokens are of the simulated tenant. */
export class FaultyLogsIngestion implements FaultySiem {
  readonly name = 'logs-ingestion';
  readonly #server: LogsIngestionServer;
  readonly #ca: string;
  #fault = '';
  readonly refusesAll = new Set(['refuses everything']);

  private constructor(server: LogsIngestionServer, ca: string) {
    this.#server = server;
    this.#ca = ca;
    server.isBad = ({ EventUid }) => isBad(String(EventUid));
    server.fault = ({ headers, body }) => {
      const { authorization = '' } = headers;
      if (this.#fault === 'ends tokens early') server.revoked.add(authorization.slice('Bearer '.length));
      if (this.#fault === 'takes small requests only' && body.length > 4_000) return { status: 413 };
      return answers[this.#fault];
    };
  }

  /** Listens; `folder` gets the file that the sink trusts. */
  static async listen(folder: string): Promise<FaultyLogsIngestion> {
    const ca = join(folder, 'logs-ingestion.pem');
    writeFileSync(ca, testRoot.cert);
    const server = await LogsIngestionServer.listen({
      rule,
      streams: { 'Custom-Defender_CL': streamColumns },
      audience: 'https://monitor.azure.com',
      tenantId: simulatedTenantId,
      publishers: new Set([servicePrincipalId]),
    });
    return new FaultyLogsIngestion(server, ca);
  }

  get sink() {
    const { endpoint } = this.#server;
    const way = { endpoint, rule, tenant: 'simulated', tls: { ca: this.#ca }, timeout: '500ms' };
    return { name: this.name, type: 'sentinel', ...way, batch: { maxEvents: 12 } };
  }

  readonly faults = {
    ...Object.fromEntries(Object.keys(answers).map((name) => [name, true])),
    'ends tokens early': true,
    'takes small requests only': false,
  };

  async begin(fault: string): Promise<void> {
    this.#fault = fault;
  }

  async mend(): Promise<void> {
    this.#fault = '';
    this.#server.revoked.clear();
  }

  received(): readonly string[] {
    return this.#server.stored.map(({ EventUid }) => String(EventUid));
  }

  refuses(id: string): boolean {
    return isBad(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
