import type { Network } from '../event.ts';

/** What is told of an address beside itself. */
interface Told {
  /** True where something from here went to it. */
  readonly isDestination?: boolean;
  readonly country?: string | undefined;
}

/** Returns the far end of a connection of which its address alone is known; undefined without one. */
export function remoteAddress(remoteIp: string | undefined, told: Told = {}): Network | undefined {
  if (remoteIp === undefined) return undefined;
  return {
    remoteIp,
    remoteIsDestination: told.isDestination ?? false,
    country: told.country,
    sourceIp: undefined,
    sourcePort: undefined,
    destinationIp: undefined,
    destinationPort: undefined,
    protocol: undefined,
  };
}
