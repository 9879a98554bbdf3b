import { Agent, request } from 'node:https';
import type { Clock } from '../../src/runtime/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

/** A clock that stands still until it is moved; `sleep` moves it. */
export interface ManualClock extends Clock {
  move(ms: number): void;
}

/** Returns a clock that stands at noon of 2 November 2026. */
export function manualClock(): ManualClock {
  let now = Date.parse('2026-11-02T12:00:00Z');
  return {
    now: () => now,
    random: () => 0.5,
    sleep: async (ms) => {
      now += ms;
    },
    move: (ms) => {
      now += ms;
    },
  };
}

/** An answer of the simulator. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json(): Json;
}

/** Parsed JSON, as tests read it. */
export interface Json {
  readonly [name: string]: unknown;
}

/** A simulator and its client, closed together. */
export class Bench implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly #agent: Agent;

  constructor(clock: ManualClock, simulator: Simulator) {
    this.clock = clock;
    this.simulator = simulator;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ca: simulator.caPem });
  }

  /** Starts a world of 300 alerts of the last hours, and nothing new. */
  static async start(options: Partial<SimulatorOptions> = {}): Promise<Bench> {
    const clock = manualClock();
    const simulator = await startSimulator({
      seed: 1,
      ratePerMinute: 0,
      clock,
      historyAlerts: 300,
      historySpanMs: 6 * 3_600_000,
      visibilityLagMs: 0,
      ...options,
    });
    return new Bench(clock, simulator);
  }

  call(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent: this.#agent }, (incoming) => {
        const pieces: Uint8Array[] = [];
        incoming.on('data', (piece: Uint8Array) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const bytes = Buffer.concat(pieces);
          const text = bytes.toString('utf8');
          const status = incoming.statusCode ?? 0;
          resolve({ status, headers: incoming.headers, bytes, text, json: () => JSON.parse(text) as Json });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Asks for a token of the v2 endpoint by secret; `changes` replace or, when empty, leave out parameters. */
  tokenReply(scope: string, changes: Readonly<Record<string, string>> = {}, tenant?: string): Promise<Reply> {
    const { credentials, endpoints } = this.simulator;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      scope,
    });
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') form.delete(name);
      else form.set(name, value);
    }
    const url = `${endpoints.authority}/${tenant ?? credentials.tenantId}/oauth2/v2.0/token`;
    return this.call('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
  }

  async graphToken(): Promise<string> {
    return String((await this.tokenReply('https://graph.microsoft.com/.default')).json().access_token);
  }

  async defenderToken(): Promise<string> {
    const reply = await this.tokenReply('https://api.securitycenter.microsoft.com/.default');
    return String(reply.json().access_token);
  }

  /** Asks for a token of the v1 endpoint, as the SIEM API needs it. */
  siemTokenReply(resource = 'https://graph.windows.net'): Promise<Reply> {
    const { credentials, endpoints } = this.simulator;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      resource,
    });
    return this.call(
      'POST',
      `${endpoints.authority}/${credentials.tenantId}/oauth2/token`,
      {},
      form.toString(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.simulator.close();
  }
}

/** Returns the ids of the alerts of a collection, in order. */
export function ids(reply: Reply): string[] {
  return values(reply).map((record) => String(record.id));
}

/** Returns the alerts of a collection. */
export function values(reply: Reply): Json[] {
  return reply.json().value as Json[];
}
