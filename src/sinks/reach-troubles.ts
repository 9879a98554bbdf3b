import { ConnectorError } from '../errors.ts';
import {
  type ConnectionFailure,
  connectionFailure,
  describeConnectionError,
} from '../http/connection-error.ts';
import { addressText, type Peer } from './peer.ts';
import { isCertificateAlert } from './stream-errors.ts';
import type { Trouble } from './trouble.ts';

type Words = (address: string, host: string) => Trouble;

/** What each failure of a connection means on the way to a peer, and what to do. */
const troubles: Partial<Readonly<Record<ConnectionFailure, Words>>> = {
  refused: (address) => ({
    kind: 'refused',
    finding: `${address} refused the connection: nothing listens there, or a firewall rejects it`,
    advice: 'Start the server, correct the port, or let this host through the firewall.',
  }),
  'name-not-found': (_address, host) => ({
    kind: 'name-not-found',
    finding: `the name ${host} does not exist in DNS`,
    advice: 'Correct the name, or add it to the DNS that this host asks.',
  }),
  timeout: (address) => timedOut(address),
  unreachable: (address) => ({
    kind: 'unreachable',
    finding: `there is no route to ${address}`,
    advice: 'Check the address, and the routes and network interfaces of this host.',
  }),
};

/** Returns what an error of a connection to `peer`, or to the proxy before it, means. */
export function troubleOf(error: unknown, peer: Peer): Trouble {
  if (error instanceof ConnectorError) {
    return {
      kind: 'files',
      finding: error.message,
      advice: 'Correct the path, or let this user read the file.',
    };
  }
  const { host, port } = towards(peer);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EAI_AGAIN') return resolverSilent(host);
  const failure = connectionFailure(error);
  const words = troubles[failure]?.(addressText(host, port), host);
  if (words !== undefined) return words;
  if (isCertificateAlert(error)) return refusalAfterHandshake(peer, error);
  if (failure === 'tls' || (failure === 'reset' && peer.tls !== undefined)) return noTls(peer, error);
  return {
    kind: 'other',
    finding: describeConnectionError(error, `tcp://${addressText(host, port)}`),
    advice: 'Check the address and what stands in between, then run the check again.',
  };
}

/** Returns the trouble of a step that was not over in time. */
export function tookTooLong(
  step: 'name' | 'connection' | 'tunnel' | 'tls',
  whom: string,
  ms: number,
): Trouble {
  switch (step) {
    case 'name':
      return resolverSilent(whom);
    case 'connection':
      return timedOut(whom, ms);
    case 'tunnel':
      return {
        kind: 'timeout',
        finding: `the proxy has not opened the way to ${whom} within ${seconds(ms)}`,
        advice: 'See whether the proxy itself can reach this host, and may.',
      };
    case 'tls':
      return {
        kind: 'no-tls',
        finding: `${whom} has not answered the TLS handshake within ${seconds(ms)}`,
        advice: 'Name the port that speaks TLS, or use a plain transport where the receiver has no TLS.',
      };
  }
}

function noTls(peer: Peer, error: unknown): Trouble {
  const address = addressText(peer.host, peer.port);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/PROTOCOL/.test(code)) {
    return {
      kind: 'no-tls',
      finding: `${address} does not speak TLS 1.2 or newer (${code})`,
      advice: 'Turn on TLS 1.2 or 1.3 there: what is older is not safe any more.',
    };
  }
  return {
    kind: 'no-tls',
    finding: `${address} does not speak TLS${code === '' ? ': it hung up during the handshake' : ` (${code})`}`,
    advice: 'Name the port that speaks TLS, or use a plain transport where the receiver has no TLS.',
  };
}

/** Returns the trouble of a peer that hung up right after the handshake, or is not content with our certificate. */
export function refusalAfterHandshake(peer: Peer, error?: unknown): Trouble {
  const address = addressText(peer.host, peer.port);
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  if (peer.tls?.cert === undefined) {
    return {
      kind: 'client-certificate',
      finding: `${address} ended the TLS handshake: it probably demands a client certificate${code}`,
      advice: 'Name a client certificate and its key in `tls.cert` and `tls.key`.',
    };
  }
  return {
    kind: 'client-certificate',
    finding: `${address} probably refuses the client certificate of \`tls.cert\`${code}`,
    advice: 'Have the root of `tls.cert` trusted there, and check that the certificate has not ended.',
  };
}

/** Returns the trouble of a proxy that refuses the way to a host. */
export function tunnelRefused(target: string, status: number): Trouble {
  return {
    kind: 'proxy',
    finding: `the proxy refused the way to ${target} with status ${status}`,
    advice:
      status === 407
        ? 'Write the user and password that the proxy wants into its URL, `http://user:password@host:port`.'
        : 'Allow this host and port at the proxy.',
  };
}

function resolverSilent(host: string): Trouble {
  return {
    kind: 'name-unanswered',
    finding: `DNS did not answer the question for ${host}`,
    advice: 'Check the resolvers of this host and the way to them.',
  };
}

function timedOut(address: string, ms?: number): Trouble {
  return {
    kind: 'timeout',
    finding: `${address} has not answered${ms === undefined ? '' : ` within ${seconds(ms)}`}: a firewall drops the packets, or the host is down`,
    advice: 'Open the firewall on the way, or correct the address.',
  };
}

function towards(peer: Peer): { readonly host: string; readonly port: number } {
  if (peer.proxy === undefined) return peer;
  const { hostname, port, protocol } = new URL(peer.proxy);
  return { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
