import type { Writable } from 'node:stream';
import { z } from 'zod';
import { ConnectorError, messageOf } from '../errors.ts';
import { abortable } from './abortable.ts';
import { linesOf } from './lines.ts';
import { accepted, type Outcome, type Payload, type Sink, type SinkType } from './sink.ts';

/** Options of the sink type `stdout`: none. */
export const stdoutOptions = z.strictObject({});

/** A line per event on standard output. */
export const stdout: SinkType<typeof stdoutOptions> = {
  type: 'stdout',
  options: stdoutOptions,
  defaultFormat: 'json',
  create: (_options, context) => new StdoutSink(process.stdout, context.name),
};

/**
 * Writes lines to a stream and waits until the stream has handed them on, so that a slow reader slows delivery down.
 * Once the reader is gone, every send throws SINK_UNREACHABLE.
 */
export class StdoutSink implements Sink {
  readonly #stream: Writable;
  readonly #name: string;
  #failure: Error | undefined;
  // A broken pipe also comes as an event, which without a listener ends the process.
  readonly #onError = (error: Error) => {
    this.#failure ??= error;
  };

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', this.#onError);
  }

  payloadBytes(): number {
    return Number.POSITIVE_INFINITY;
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    if (payloads.length === 0) return [];
    await abortable(this.#write(linesOf(payloads)), signal);
    return payloads.map(() => accepted);
  }

  async probe(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#check();
  }

  /** Leaves the stream open: it belongs to the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.off('error', this.#onError);
    // Whatever breaks from now on is nobody's delivery any more, and must not end the process.
    if (this.#stream.listenerCount('error') === 0) this.#stream.on('error', () => {});
  }

  async #write(lines: Buffer): Promise<void> {
    this.#check();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#stream.write(lines, (error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (error) {
      // The stream tells its listeners only after this.
      if (error instanceof Error) this.#failure ??= error;
      throw this.#gone(error);
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#gone(this.#failure);
    if (!this.#stream.writable) throw this.#gone(new Error('it is closed'));
  }

  #gone(error: unknown): ConnectorError {
    const broken = (error as { code?: unknown }).code === 'EPIPE';
    const words = broken ? 'the program that reads it has ended (EPIPE)' : messageOf(error);
    return new ConnectorError('SINK_UNREACHABLE', `sink ${this.#name}: standard output: ${words}`, {
      cause: error,
    });
  }
}
