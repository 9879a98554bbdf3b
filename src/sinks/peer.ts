import type { TlsOptions } from '../fields/tls.ts';
import { goesPastProxies } from '../http/client.ts';

/** The other end of a connection, and the way to it. */
export interface Peer {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** `udp`: datagrams, of which nothing comes back. */
  readonly transport: 'tcp' | 'udp';
  /** Undefined where no TLS is spoken. */
  readonly tls: TlsOptions | undefined;
  /** URL of the CONNECT proxy on the way; it may hold a password. */
  readonly proxy: string | undefined;
}

/** Returns the peer of a URL, reached as the HTTP client reaches it. */
export function peerOfUrl(
  url: string,
  way: { readonly tls?: TlsOptions | undefined; readonly proxy?: string | undefined },
): Peer {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    transport: 'tcp',
    tls: secure ? (way.tls ?? { verify: true }) : undefined,
    proxy: !secure && goesPastProxies(url) ? undefined : way.proxy,
  };
}

/** Returns `host:port`, with brackets around an IPv6 address. */
export function addressText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
