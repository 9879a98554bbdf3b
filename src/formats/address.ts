import { isIPv4, isIPv6 } from 'node:net';

/** Returns the text when it is an IPv4 address in dotted quads. */
export function ipv4(text: string): string | undefined {
  return isIPv4(text) ? text : undefined;
}

/** Returns the text when it is an IPv6 address without a zone, which no SIEM's address type takes. */
export function ipv6(text: string): string | undefined {
  return isIPv6(text) && !text.includes('%') ? text : undefined;
}

/** Returns the text when it is an IP address of either kind. */
export function ip(text: string): string | undefined {
  return ipv4(text) ?? ipv6(text);
}

/** Returns those of a device's addresses by which others know it: IP addresses, neither loopback nor link-local. */
export function reachable(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => ip(address) !== undefined && !isLocal(address));
}

/** Returns the first of them that is of the given kind. */
export function firstReachable(
  addresses: readonly string[],
  kind: (text: string) => string | undefined,
): string | undefined {
  return addresses.find((address) => kind(address) !== undefined && !isLocal(address));
}

function isLocal(address: string): boolean {
  return (
    address.startsWith('127.') ||
    address.startsWith('169.254.') ||
    address === '0.0.0.0' ||
    address === '::1' ||
    address === '::' ||
    /^fe[89ab][0-9a-f]:/i.test(address)
  );
}
