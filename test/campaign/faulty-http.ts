import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { HecCollector } from '../support/hec-collector.ts';
import { type Answer, HttpReceiver, type ReceivedRequest } from '../support/http-receiver.ts';
import { alertId, type FaultySiem, isBad } from './faulty-siem.ts';

const timeout = '500ms';
const batch = { maxEvents: 12 };

/** An HTTP endpoint, over TLS with an authority; a picky one answers 400 to a request with a bad alert in it. */
export class FaultyHttp implements FaultySiem {
  readonly name: string;
  readonly #certificate: Certificate | undefined;
  readonly #picky: boolean;
  readonly #port: number;
  #receiver: HttpReceiver | undefined;
  #impostor: Server | undefined;
  #fault = '';
  #requests = 0;
  readonly #received: string[] = [];
  readonly #ca: string | undefined;
  readonly refusesAll = new Set(['refuses everything']);

  private constructor(
    name: string,
    receiver: HttpReceiver,
    options: { readonly certificate?: Certificate; readonly ca?: string; readonly picky: boolean },
  ) {
    this.name = name;
    this.#certificate = options.certificate;
    this.#ca = options.ca;
    this.#picky = options.picky;
    this.#port = Number(new URL(receiver.url).port);
    this.#use(receiver);
  }

  /** Listens; `tls` is an authority and the file that holds its root. */
  static async listen(
    name: string,
    picky: boolean,
    tls?: { readonly authority: Authority; readonly ca: string },
  ): Promise<FaultyHttp> {
    if (tls === undefined) return new FaultyHttp(name, await HttpReceiver.listen(), { picky });
    const certificate = tls.authority.issue('127.0.0.1');
    return new FaultyHttp(name, await HttpReceiver.listen(certificate), { picky, certificate, ca: tls.ca });
  }

  get sink() {
    const scheme = this.#ca === undefined ? 'http' : 'https';
    const tls = this.#ca === undefined ? {} : { tls: { ca: this.#ca } };
    const url = `${scheme}://127.0.0.1:${this.#port}/in`;
    return { name: this.name, type: 'http', url, timeout, batch, gzip: this.#picky, ...tls };
  }

  get faults() {
    const any = {
      'is down': true,
      'answers 503': true,
      'answers 503 and names seconds': true,
      'answers 429': true,
      'answers 429 and names a date': true,
      'is full': true,
      'wants other credentials': true,
      'is silent': true,
      'cuts the connection': true,
      'takes it and cuts the connection': true,
      'takes small requests only': false,
      'is ill every other time': false,
      'answers slowly': false,
    };
    if (this.#certificate !== undefined)
      return { ...any, 'shows another certificate': true, 'refuses TLS': true };
    return { ...any, 'refuses everything': true };
  }

  async begin(fault: string): Promise<void> {
    this.#fault = fault;
    if (!['is down', 'shows another certificate', 'refuses TLS'].includes(fault)) return;
    await this.#receiver?.[Symbol.asyncDispose]();
    this.#receiver = undefined;
    if (fault === 'shows another certificate') {
      const stranger = createAuthority('Stranger').issue('127.0.0.1');
      this.#use(await HttpReceiver.listen(stranger, this.#port));
    }
    if (fault === 'refuses TLS') {
      this.#impostor = createServer((socket) => {
        socket.on('error', () => {});
        // Nothing that it is sent is read: it would never notice the end.
        socket.end('220 ready\r\n', () => socket.destroy());
      });
      this.#impostor.listen(this.#port, '127.0.0.1');
      await once(this.#impostor, 'listening');
    }
  }

  async mend(): Promise<void> {
    const closed = ['is down', 'shows another certificate', 'refuses TLS'].includes(this.#fault);
    this.#fault = '';
    if (!closed) return;
    await this.#receiver?.[Symbol.asyncDispose]();
    if (this.#impostor !== undefined) {
      this.#impostor.close();
      await once(this.#impostor, 'close');
      this.#impostor = undefined;
    }
    this.#use(await HttpReceiver.listen(this.#certificate, this.#port));
  }

  received(): readonly string[] {
    return this.#received;
  }

  refuses(id: string): boolean {
    return this.#picky && isBad(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver?.[Symbol.asyncDispose]();
    this.#impostor?.close();
  }

  #use(receiver: HttpReceiver): void {
    receiver.answer = (request) => this.#answer(request);
    this.#receiver = receiver;
  }

  async #answer({ body }: ReceivedRequest): Promise<Answer> {
    if (this.#fault === 'answers slowly') await sleep(100);
    if (this.#receiver !== undefined) this.#receiver.requests.length = 0;
    const ids = body.split('\n').flatMap((line) => (line === '' ? [] : [alertId(line)]));
    const fault = this.#faulty(ids);
    if (fault !== undefined) return fault;
    if (ids.some((id) => this.refuses(id))) return { status: 400, body: 'mapping conflict' };
    this.#received.push(...ids);
    return this.#fault === 'takes it and cuts the connection' ? 'reset' : { status: 200 };
  }

  #faulty(ids: readonly string[]): Answer | undefined {
    const inTwoMinutes = new Date(Date.now() + 120_000).toUTCString();
    const number = this.#requests++;
    switch (this.#fault) {
      case 'answers 503':
        return { status: 503, body: `try later, request ${number}` };
      case 'answers 503 and names seconds':
        return { status: 503, headers: { 'retry-after': '120' } };
      case 'answers 429':
        return { status: 429 };
      case 'answers 429 and names a date':
        return { status: 429, headers: { 'retry-after': inTwoMinutes } };
      case 'is full':
        return { status: 507 };
      case 'wants other credentials':
        return { status: 401 };
      case 'refuses everything':
        return { status: 400, body: `no such index, request ${number}` };
      case 'is silent':
        return 'hang';
      case 'cuts the connection':
        return 'reset';
      case 'takes small requests only':
        return ids.length > 3 ? { status: 413 } : undefined;
      case 'is ill every other time':
        return number % 2 === 0 ? { status: 502 } : undefined;
      default:
        return undefined;
    }
  }
}

/** An HTTP Event Collector, which names the event that it finds bad; with acknowledgement or without. */
export class FaultyHec implements FaultySiem {
  readonly name: string;
  readonly #collector: HecCollector;
  readonly refusesAll = new Set<string>();

  private constructor(name: string, collector: HecCollector) {
    this.name = name;
    this.#collector = collector;
    collector.isBad = (text) => isBad((JSON.parse(text) as { fields: { event_id: string } }).fields.event_id);
  }

  static async listen(name: string, useAck: boolean): Promise<FaultyHec> {
    return new FaultyHec(name, await HecCollector.listen({ useAck }));
  }

  get sink() {
    const { url, settings } = this.#collector;
    const { token, useAck: acknowledge } = settings;
    return { name: this.name, type: 'splunk-hec', url, token, acknowledge, ackTimeout: '1m', timeout, batch };
  }

  readonly faults = {
    'is busy': true,
    'is busy and names seconds': true,
    'has a full queue': true,
    'has a full queue and names seconds': true,
    'knows no such index': true,
    'has disabled the token': true,
    'is silent': true,
    'cuts the connection': true,
    'answers as a load balancer': true,
  };

  async begin(fault: string): Promise<void> {
    const answer = this.#faultOf(fault);
    this.#collector.fault = () => answer;
  }

  async mend(): Promise<void> {
    this.#collector.fault = () => undefined;
    this.#collector.forgetRequests();
  }

  received(): readonly string[] {
    return this.#collector.indexed.map(({ id }) => id);
  }

  refuses(id: string): boolean {
    return isBad(id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#collector[Symbol.asyncDispose]();
  }

  #faultOf(fault: string): Answer {
    const says = (status: number, code: number) => ({ status, body: JSON.stringify({ text: 'no', code }) });
    if (fault === 'is busy') return says(503, 9);
    if (fault === 'is busy and names seconds') return { ...says(503, 9), headers: { 'retry-after': '60' } };
    if (fault === 'has a full queue') return says(429, 26);
    if (fault === 'has a full queue and names seconds') {
      return { ...says(429, 26), headers: { 'retry-after': '60' } };
    }
    if (fault === 'knows no such index') return says(400, 7);
    if (fault === 'has disabled the token') return says(403, 1);
    if (fault === 'answers as a load balancer') return { status: 504, body: '<html>Gateway Timeout</html>' };
    return fault === 'is silent' ? 'hang' : 'reset';
  }
}
