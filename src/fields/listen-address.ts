import { z } from 'zod';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const pattern = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/;

/** Returns host and port of `host:port` or `[v6]:port` (RFC 3986 §3.2.2); undefined when it is neither. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, v6, name, port] = pattern.exec(text.trim()) ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

/** Where a server listens, in the configuration: `127.0.0.1:9464`, `[::1]:9464`; port 0 takes any free one. */
export const listenAddress = z
  .string()
  .meta({ id: 'listenAddress', description: '`host:port`, such as `127.0.0.1:9464` or `[::1]:9464`.' })
  .transform((text, context) => {
    const address = parseListenAddress(text);
    if (address !== undefined) return address;
    context.addIssue({
      code: 'custom',
      message: 'must be host:port, such as 127.0.0.1:9464, with a port from 0 to 65535',
    });
    return z.NEVER;
  });
