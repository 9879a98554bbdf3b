import { Worker } from 'node:worker_threads';
import { ConnectorError } from '../errors.ts';
import type { StoreEngine } from './engine.ts';
import type { PageRequest } from './page.ts';
import type { Store } from './store.ts';
import { storeOver } from './store-over.ts';
import { type EngineAnswer, type EngineCall, type EngineMethod, receivedError } from './thread-protocol.ts';

/**
 * Opens the store as `openSqliteStore` does, in a thread of its own: SQLite's work and its waits for the disk then go on
 * beside reading, formatting and sending. Rejects as that throws.
 */
export async function openStoreThread(path: string): Promise<Store> {
  const thread = new StoreThread(path);
  await thread.opened;
  return storeOver(thread.engine());
}

/** Under its sources the program is TypeScript, built it is JavaScript; in a bundle the thread lies beside the rest. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

class StoreThread {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended = Promise.withResolvers<void>();
  readonly opened: Promise<unknown>;
  #calls = 0;
  /** Why no call is answered any more. */
  #failure: Error | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#worker = new Worker(new URL(`./store-thread.${extension}`, import.meta.url), {
      workerData: { path },
      // What it handles are pages on their way, most of them beside V8's heap.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    this.opened = this.#expect(0);
    this.#worker.on('message', (answer: EngineAnswer) => this.#take(answer));
    this.#worker.on('error', (error: unknown) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', () => {
      this.#fail(new ConnectorError('STORE_UNUSABLE', `store ${this.#path}: it was closed`));
      this.#ended.resolve();
    });
  }

  /** Returns the engine in the thread. */
  engine(): StoreEngine {
    const remote =
      (method: EngineMethod) =>
      (...args: readonly unknown[]) =>
        this.#call(method, args);
    const methods = Object.fromEntries(engineMethods.map((method) => [method, remote(method)]));
    const together = (calls: readonly (() => Promise<unknown>)[]) => calls.map((call) => call());
    return { ...methods, together, [Symbol.asyncDispose]: () => this.#close() } as unknown as StoreEngine;
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) await this.#call(undefined, []);
    this.#worker.ref();
    await this.#ended.promise;
  }

  #call(method: EngineMethod | undefined, args: readonly unknown[]): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const call: EngineCall = { call: ++this.#calls, method, args };
    const answer = this.#expect(call.call);
    this.#worker.postMessage(call, handedOver(args[0]));
    return answer;
  }

  /** The process stays alive for as long as an answer is owed. */
  #expect(call: number): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(call, answer);
    this.#worker.ref();
    return answer.promise;
  }

  #take(answer: EngineAnswer): void {
    const waiting = this.#waiting.get(answer.call);
    this.#waiting.delete(answer.call);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('error' in answer) waiting?.reject(receivedError(answer.error));
    else waiting?.resolve(answer.result);
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

/** Of a page the texts, whose memory is handed over instead of copied. */
function handedOver(argument: unknown): ArrayBuffer[] {
  const { page } = (argument ?? {}) as Partial<PageRequest>;
  return page?.texts.buffer instanceof ArrayBuffer ? [page.texts.buffer] : [];
}

/** Every method that is called by its name; the compiler holds the list to the interface. */
const engineMethods = Object.keys({
  acceptPage: true,
  readBlocks: true,
  watermark: true,
  offset: true,
  deadLetters: true,
  positionAt: true,
  known: true,
  counter: true,
  counters: true,
  gaps: true,
  audits: true,
  jobs: true,
  bytes: true,
  progress: true,
  recordRun: true,
  registerSources: true,
  registerSinks: true,
  acknowledge: true,
  rewind: true,
  recordDelivery: true,
  removeDeadLetters: true,
  prune: true,
  recordLateness: true,
  recordAudit: true,
  recordGap: true,
  closeGap: true,
  addJob: true,
  advanceJob: true,
  endJob: true,
} satisfies Record<EngineMethod, true>) as EngineMethod[];
