import { readHecEvents } from './hec-events.ts';
import { type Answer, HttpReceiver, type ReceivedRequest } from './http-receiver.ts';

/** An event as it was indexed. */
export interface IndexedEvent {
  readonly id: string;
  readonly version: string;
  readonly event: unknown;
}

/** How a collector is set up. */
export interface HecSettings {
  readonly token: string;
  /** The token has *Enable indexer acknowledgement*. */
  readonly useAck: boolean;
  /** The token is enabled. */
  readonly enabled: boolean;
  /** Indexes that the token may write to; undefined for any. */
  readonly indexes: readonly string[] | undefined;
  /** Largest body, bytes, decompressed. */
  readonly maxBytes: number;
  /** Most acknowledgements of a channel that are not asked for; beyond, code 27. */
  readonly maxPending: number;
  /** How many indexers share the address; each request goes to the next one, or where its cookie says. */
  readonly indexers: number;
  readonly sticky: boolean;
  /** Where it listens; 0 for a free port. */
  readonly port: number;
}

interface Pending {
  readonly events: readonly IndexedEvent[];
  /** How often it is still answered `false`. */
  polls: number;
  /** Until then it is in memory only. */
  indexed: boolean;
}

/** One indexer: its channels, with the ids it counts in each. */
interface Indexer {
  readonly channels: Map<string, { next: number; readonly pending: Map<number, Pending> }>;
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * An HTTP Event Collector as strict as the real one (formats reference §5): it refuses what that refuses, forgets what
 * that forgets, and keeps what it has indexed.
 */
export class HecCollector implements AsyncDisposable {
  readonly #receiver: HttpReceiver;
  readonly settings: HecSettings;
  #indexers: Indexer[];
  #turn = 0;
  /** What is indexed, in order, repeats included. */
  readonly indexed: IndexedEvent[] = [];
  /** Counts of requests for events, and of questions for acknowledgements. */
  readonly asked = { events: 0, acks: 0 };
  /** What to answer in place of a collector; undefined for the collector's own answer. */
  fault: (request: ReceivedRequest, isAck: boolean) => Answer | undefined = () => undefined;
  /** Like `fault`, but the collector has done its work: only the answer is another. */
  lostAnswer: (request: ReceivedRequest, isAck: boolean) => Answer | undefined = () => undefined;
  /** How often a new request's acknowledgement is answered `false` first. */
  delay: () => number = () => 1;
  /** Whether a request is indexed at once, and not only when its acknowledgement is told. */
  indexesAtOnce: () => boolean = () => false;
  /** Whether a text of an event is one that the collector finds bad. */
  isBad: (text: string) => boolean = () => false;

  private constructor(receiver: HttpReceiver, settings: HecSettings) {
    this.#receiver = receiver;
    this.settings = settings;
    this.#indexers = Array.from({ length: settings.indexers }, () => ({ channels: new Map() }));
    receiver.answer = (request) => this.#answer(request);
  }

  /** Listens on 127.0.0.1. */
  static async listen(settings: Partial<HecSettings> = {}): Promise<HecCollector> {
    const receiver = await HttpReceiver.listen(undefined, settings.port ?? 0);
    return new HecCollector(receiver, {
      token: 'hush',
      useAck: true,
      enabled: true,
      indexes: undefined,
      maxBytes: 1_000_000,
      maxPending: 10_000,
      indexers: 1,
      sticky: true,
      port: 0,
      ...settings,
    });
  }

  get url(): string {
    return this.#receiver.url;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#receiver.requests;
  }

  /** Drops what `requests` has kept: it grows for ever. */
  forgetRequests(): void {
    this.#receiver.requests.length = 0;
  }

  /** The indexers restart: channels are gone, and what was not yet indexed with them. */
  restart(): void {
    this.#indexers = this.#indexers.map(() => ({ channels: new Map() }));
  }

  /** Channels that are known. */
  get channels(): number {
    return this.#indexers.reduce((sum, { channels }) => sum + channels.size, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }

  #answer(request: ReceivedRequest): Answer {
    const { pathname, searchParams } = new URL(request.path, this.url);
    const isAck = pathname === '/services/collector/ack';
    this.asked[isAck ? 'acks' : 'events']++;
    const fault = this.fault(request, isAck);
    if (fault !== undefined) return fault;
    const turn = this.#indexerOf(request);
    const indexer = this.#indexers[turn];
    if (indexer === undefined) throw new Error(`no indexer ${turn}`);
    const channel = String(request.headers['x-splunk-request-channel'] ?? searchParams.get('channel') ?? '');
    const answer = this.#refused(request) ?? this.#work(request, indexer, channel, pathname);
    const cookie = this.settings.sticky ? { 'set-cookie': `LB=${turn}; Path=/, other=1; Max-Age=0` } : {};
    const lost = this.lostAnswer(request, isAck);
    return lost ?? (typeof answer === 'object' ? { ...answer, headers: cookie } : answer);
  }

  #indexerOf(request: ReceivedRequest): number {
    const named = /\bLB=(\d+)/.exec(request.headers.cookie ?? '')?.[1];
    if (this.settings.sticky && named !== undefined) return Number(named) % this.#indexers.length;
    return this.#turn++ % this.#indexers.length;
  }

  #refused({ method, path, headers, raw, body }: ReceivedRequest): Answer | undefined {
    const { pathname, searchParams } = new URL(path, this.url);
    if (/^\/services\/collector\/health(?:\/1\.0)?$/.test(pathname) && method === 'GET')
      return says(200, 17, 'HEC is healthy');
    if (method !== 'POST') return { status: 405 };
    if (Buffer.byteLength(body) > this.settings.maxBytes || raw.length > this.settings.maxBytes) {
      return { status: 413, body: '<html>Request Entity Too Large</html>' };
    }
    if (searchParams.has('token')) return says(400, 16, 'Query string authorization is not enabled');
    return this.#refusedToken(headers.authorization);
  }

  /** The word is `Splunk`; Basic works too, with any user and the token for a password (§5.1). */
  #refusedToken(credentials: string | undefined): Answer | undefined {
    if (credentials === undefined) return says(401, 2, 'Token is required');
    const [, scheme = '', secret = ''] = /^(Splunk|Basic) (.+)$/.exec(credentials) ?? [];
    if (scheme === '') return says(401, 3, 'Invalid authorization');
    const basic = Buffer.from(secret, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
    if ((scheme === 'Basic' ? basic : secret) !== this.settings.token) return says(403, 4, 'Invalid token');
    return this.settings.enabled ? undefined : says(403, 1, 'Token disabled');
  }

  #work(request: ReceivedRequest, indexer: Indexer, channel: string, path: string): Answer {
    const { useAck } = this.settings;
    if (path === '/services/collector/ack') {
      if (!useAck) return says(400, 14, 'ACK is disabled');
      return channelFault(channel) ?? this.#acks(indexer, channel, request.body);
    }
    if (!/^\/services\/collector(?:\/event(?:\/1\.0)?)?$/.test(path))
      return { status: 404, body: 'Not Found' };
    return (useAck ? channelFault(channel) : undefined) ?? this.#take(indexer, channel, request.body);
  }

  #take(indexer: Indexer, name: string, body: string): Answer {
    if (body.trim() === '') return says(400, 5, 'No data');
    const { events, problem } = this.#parse(body);
    if (!this.settings.useAck) {
      this.indexed.push(...events);
      return problem ?? says(200, 0, 'Success');
    }
    const channel = indexer.channels.get(name) ?? { next: 0, pending: new Map<number, Pending>() };
    if (channel.pending.size >= this.settings.maxPending) return says(429, 27, 'ACK channel is at capacity');
    indexer.channels.set(name, channel);
    if (problem !== undefined) {
      this.indexed.push(...events);
      return problem;
    }
    const ackId = channel.next++;
    const indexed = this.indexesAtOnce();
    if (indexed) this.indexed.push(...events);
    channel.pending.set(ackId, { events, polls: this.delay(), indexed });
    return says(200, 0, 'Success', { ackId });
  }

  /** Returns the events up to the first bad one, and what is said of that. */
  #parse(body: string): { readonly events: readonly IndexedEvent[]; readonly problem?: Answer } {
    const { events, refused } = readHecEvents(body, this.settings.indexes);
    const bad = events.findIndex(({ text }) => this.isBad(text));
    const good = bad < 0 ? events : events.slice(0, bad);
    const indexed = good.map(({ event, fields }) => ({
      id: String(fields.event_id ?? ''),
      version: String(fields.event_version ?? ''),
      event,
    }));
    const code = bad < 0 ? refused : 6;
    if (code === undefined) return { events: indexed };
    return {
      events: indexed,
      problem: says(400, code, 'bad event', { 'invalid-event-number': good.length }),
    };
  }

  /** Tells of each once that it is indexed, then forgets it; what it does not know is `false`. */
  #acks(indexer: Indexer, name: string, body: string): Answer {
    const acks = acksIn(body);
    if (acks === undefined) return says(400, 6, 'Invalid data format');
    const pending = indexer.channels.get(name)?.pending ?? new Map<number, Pending>();
    const told = acks.map((id) => {
      const one = pending.get(id);
      if (one === undefined) return [id, false] as const;
      if (one.polls-- > 0) return [id, false] as const;
      if (!one.indexed) this.indexed.push(...one.events);
      pending.delete(id);
      return [id, true] as const;
    });
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(told) }) };
  }
}

function says(status: number, code: number, text: string, extra: object = {}): Exclude<Answer, string> {
  return { status, body: JSON.stringify({ text, code, ...extra }) };
}

function channelFault(channel: string): Answer | undefined {
  if (channel === '') return says(400, 10, 'Data channel is missing');
  return guid.test(channel) ? undefined : says(400, 11, 'Invalid data channel');
}

/** Returns the ids of `{"acks":[…]}`; undefined for any other body. */
function acksIn(body: string): readonly number[] | undefined {
  try {
    const { acks } = JSON.parse(body) as { acks?: unknown };
    return Array.isArray(acks) && acks.every(Number.isInteger) ? acks : undefined;
  } catch {
    return undefined;
  }
}
