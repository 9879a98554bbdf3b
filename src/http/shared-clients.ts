import type { TlsOptions } from '../fields/tls.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './client.ts';

/** HTTP clients by the way that they take: tenants with the same TLS and proxy share one, and so its connections. */
export interface SharedClients {
  /** Returns the client of this way, made at first use. Throws CONFIG_INVALID when a TLS file cannot be read. */
  clientFor(tls: TlsOptions | undefined, proxy: string | undefined): HttpClient;
  /** Closes the idle connections of all. */
  close(): void;
}

/**
 * Returns the clients of one process; `options` are those that all have in common. No exchange knows of another: tokens
 * go in the headers of each, and no cookie is kept.
 */
export function createSharedClients(options: Omit<HttpClientOptions, 'tls' | 'proxy'>): SharedClients {
  const clients = new Map<string, HttpClient>();
  return {
    clientFor(tls, proxy) {
      const way = JSON.stringify([tls, proxy]);
      const known = clients.get(way);
      if (known !== undefined) return known;
      const client = createHttpClient({ ...options, tls, proxy });
      clients.set(way, client);
      return client;
    },
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}
