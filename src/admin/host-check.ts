import { isIP } from 'node:net';

/** True for an address that only this host can reach. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/**
 * True when a Host header names this host as only someone on it would: `localhost`, or an address. A web page that
 * has its own name resolve to 127.0.0.1 (DNS rebinding) would otherwise read, through a browser on this host, what
 * is meant for this host alone. HTTP/1.0 sends none, and no browser speaks it.
 */
export function namesThisHost(hostHeader: string | undefined): boolean {
  if (hostHeader === undefined) return true;
  const name = hostHeader
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}
