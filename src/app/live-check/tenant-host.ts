import { type Peer, peerOfUrl } from '../../sinks/peer.ts';
import { type Reach, reach } from '../../sinks/reach.ts';
import type { Trouble } from '../../sinks/trouble.ts';
import { endText } from './certificate-text.ts';
import type { LiveCheckContext } from './context.ts';
import type { Found } from './report.ts';
import type { TenantSubject } from './tenant-subject.ts';

/** Returns how far a host of Microsoft is reached: name, address, proxy, TLS. `option` names its override. */
export async function lookAtHost(
  { config, context }: TenantSubject,
  origin: string,
  option: string,
): Promise<Found> {
  const { clock } = context;
  const tls = { ...config.tls, verify: true };
  const peer = peerOfUrl(origin, { tls, proxy: config.proxy });
  const { name, connection, tunnel, tls: secured } = await reachOnce(peer, context);
  for (const step of [name, connection, tunnel, secured]) {
    if (step?.state === 'failed') return refused(step.trouble, peer, option);
  }
  if (name.state !== 'done' || connection?.state !== 'done' || secured?.state !== 'done') {
    return { result: 'unknown', finding: peer.host };
  }
  const [trouble] = secured.troubles;
  if (trouble !== undefined) return refused(trouble, peer, option);
  const [own] = secured.certificates;
  const certificate = own === undefined ? '' : `, its certificate ${endText(own.notAfterMs, clock.now())}`;
  const others = name.v4.length + name.v6.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more)`;
  const where = tunnel === undefined ? `at ${connection.address}${more}` : `through ${connection.address}`;
  return { result: 'ok', finding: `${peer.host} ${where}, ${secured.version}${certificate}` };
}

/** Hundreds of tenants have the same hosts: each way to one is gone once. */
function reachOnce(peer: Peer, { hosts, clock, signal, network }: LiveCheckContext): Promise<Reach> {
  const way = JSON.stringify(peer);
  const known = hosts.get(way) ?? reach(peer, { ...network, clock, signal });
  hosts.set(way, known);
  return known;
}

function refused({ kind, finding, advice }: Trouble, peer: Peer, option: string): Found {
  const remedy = remedies[kind]?.(peer.host, peer.port, option);
  return { result: 'failed', finding, advice: remedy ?? advice, code: 'API_UNREACHABLE' };
}

type Remedy = (host: string, port: number, option: string) => string;

const letThrough: Remedy = (host, port) =>
  `Let this host through the firewall to ${host}, port ${port}, or name the way out in \`proxy\`.`;
const inBetween: Remedy = (host, _port, option) =>
  `See who answers in the place of ${host}: a proxy in between, a wrong DNS entry, or a wrong \`endpoints.${option}\`.`;

/** What to do where the other end is Microsoft's: nothing can be mended there. */
const remedies: Partial<Readonly<Record<Trouble['kind'], Remedy>>> = {
  refused: letThrough,
  timeout: letThrough,
  unreachable: letThrough,
  'name-not-found': (_host, _port, option) =>
    `Check \`cloud\`, \`region\` and \`endpoints.${option}\`, and that this host’s DNS knows names of the internet.`,
  'no-tls': inBetween,
  'client-certificate': inBetween,
  'wrong-name': inBetween,
  expired: () => 'Set the clock of this host right; if it is, a proxy in between shows an old certificate.',
  'not-yet-valid': () => 'Set the clock of this host right.',
};
