import { parentPort, workerData } from 'node:worker_threads';
import type { StoreEngine } from './engine.ts';
import { openEngine } from './sqlite.ts';
import { type EngineAnswer, type EngineCall, sentError } from './thread-protocol.ts';

// The store's thread: SQLite, whose work and waits for the disk keep nobody waiting here. `threaded.ts` starts it.

const port = parentPort;
if (port === null) throw new Error('this module is a thread of its own');

let engine: StoreEngine | undefined;
try {
  engine = openEngine((workerData as { path: string }).path);
  answer({ call: 0, result: undefined });
} catch (error) {
  answer({ call: 0, error: sentError(error) });
}

port.on('message', async ({ call, method, args }: EngineCall) => {
  if (engine === undefined) return;
  try {
    if (method === undefined) {
      await engine[Symbol.asyncDispose]();
      answer({ call, result: undefined });
      port.close();
      return;
    }
    const work = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
    answer({ call, result: await work(...args) });
  } catch (error) {
    answer({ call, error: sentError(error) });
  }
});

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
