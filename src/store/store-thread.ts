import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { StoreEngine } from './engine.ts';
import { openEngine } from './sqlite.ts';
import { type EngineAnswer, type EngineCall, type EngineMethod, sentError } from './thread-protocol.ts';

// The store's thread: SQLite, whose work and waits for the disk keep nobody waiting here. `threaded.ts` starts it.

const port = parentPort;
if (port === null) throw new Error('this module is a thread of its own');

/** Short writes that come often, and of which several wait while the disk is busy. */
const sharing: ReadonlySet<EngineMethod> = new Set([
  'acceptPage',
  'acknowledge',
  'recordRun',
  'recordDelivery',
  'recordLateness',
]);

let engine: StoreEngine | undefined;
try {
  engine = openEngine((workerData as { path: string }).path);
  answer({ call: 0, result: undefined });
} catch (error) {
  answer({ call: 0, error: sentError(error) });
}

port.on('message', (first: EngineCall) => {
  if (engine === undefined) return;
  const calls = [first];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    calls.push(next.message as EngineCall);
  }
  for (const run of runsOf(calls)) makeCalls(engine, run);
});

/** Makes calls of one run: those that only write share their wait for the disk. */
function makeCalls(store: StoreEngine, run: readonly EngineCall[]): void {
  const begin = run.map((call) => () => begun(store, call));
  const results = begin.length > 1 ? store.together(begin) : begin.map((call) => call());
  for (const [index, call] of run.entries()) void answerWith(call, results[index]);
}

async function begun(store: StoreEngine, { method, args }: EngineCall): Promise<unknown> {
  if (method === undefined) return store[Symbol.asyncDispose]();
  const work = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
  return work(...args);
}

async function answerWith({ call, method }: EngineCall, result: Promise<unknown> | undefined): Promise<void> {
  try {
    answer({ call, result: await result });
  } catch (error) {
    answer({ call, error: sentError(error) });
  }
  if (method === undefined) port?.close();
}

/** Cuts calls, in their order, into runs of those that can be made together, and the others one by one. */
function runsOf(calls: readonly EngineCall[]): readonly (readonly EngineCall[])[] {
  const runs: EngineCall[][] = [];
  let open = false;
  for (const call of calls) {
    const shares = call.method !== undefined && sharing.has(call.method);
    if (open && shares) runs.at(-1)?.push(call);
    else runs.push([call]);
    open = shares;
  }
  return runs;
}

function answer(message: EngineAnswer): void {
  port?.postMessage(message, transferableOf(message));
}

/** The contents of blocks, which are handed over instead of copied. */
function transferableOf(message: EngineAnswer): ArrayBuffer[] {
  if (!('result' in message) || !Array.isArray(message.result)) return [];
  const blocks = message.result as readonly { readonly content?: unknown }[];
  return blocks.flatMap(({ content }) =>
    content instanceof Uint8Array &&
    content.buffer instanceof ArrayBuffer &&
    content.byteLength === content.buffer.byteLength
      ? [content.buffer]
      : [],
  );
}
