import { ConnectorError, type FailureCode } from '../errors.ts';
import type { StoreEngine } from './engine.ts';

/** A method of the engine that can be called from another thread. */
export type EngineMethod = Exclude<keyof StoreEngine, symbol | 'together'>;

/** A call on its way to the store's thread. */
export interface EngineCall {
  readonly call: number;
  /** Undefined: the store is to be closed. */
  readonly method: EngineMethod | undefined;
  readonly args: readonly unknown[];
}

/** What became of a call; `call` 0 is the opening. */
export type EngineAnswer =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: SentError };

/** An error as it goes from thread to thread, where only plain values arrive whole. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a `ConnectorError`. */
  readonly code: FailureCode | undefined;
  /** Of an error of SQLite's own. */
  readonly errcode: number | undefined;
  readonly cause: SentError | undefined;
}

/** Returns what of an error can be sent. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) {
    return {
      message: String(error),
      stack: undefined,
      code: undefined,
      errcode: undefined,
      cause: undefined,
    };
  }
  return {
    message: error.message,
    stack: error.stack,
    code: error instanceof ConnectorError ? error.code : undefined,
    errcode: 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined,
    cause: error.cause === undefined ? undefined : sentError(error.cause),
  };
}

/** Returns the error that was sent, as far as who catches it looks at it. */
export function receivedError({ message, stack, code, errcode, cause }: SentError): Error {
  const options = cause === undefined ? {} : { cause: receivedError(cause) };
  const error = code === undefined ? new Error(message, options) : new ConnectorError(code, message, options);
  if (stack !== undefined) error.stack = stack;
  return errcode === undefined ? error : Object.assign(error, { errcode });
}
