/** What we use of `syslog-client` 1.1, which ships no types (its source: index.js). */
declare module 'syslog-client' {
  import type { EventEmitter } from 'node:events';

  export interface ClientOptions {
    readonly port?: number;
    readonly transport?: number;
  }

  /** Emits `error` for the socket's failures and `close`. */
  export class Client extends EventEmitter {
    constructor(target: string, options?: ClientOptions);
    /** Makes the bytes of a datagram from the message; called by `log`. */
    buildFormattedMessage(message: string): Buffer;
    /** Sends one message; `done` is called once the kernel took it, or with an error. */
    log(message: string, done: (error?: Error) => void): this;
    close(): this;
  }

  export const Transport: { readonly Tcp: 1; readonly Udp: 2 };
}
