import type { Network } from '../../event.ts';
import { choice, chosen } from './choice.ts';
import { type Draft, hostnameOf } from './draft.ts';
import { member, objectOf, text } from './json.ts';

const inbound = chosen('direction_id', 'direction', choice(1, 'Inbound')).slice(1);
const outbound = chosen('direction_id', 'direction', choice(2, 'Outbound')).slice(1);

/** One end of a connection, as it is known. */
export interface End {
  readonly ip?: string | undefined;
  readonly port?: string | undefined;
  /** A host's name, or what stands for one. */
  readonly name?: string | undefined;
  readonly country?: string | undefined;
  readonly uid?: string | undefined;
}

/** 62, 63, 65: an end of a connection; nothing where neither address nor name nor id is known. */
export function endpointObject(draft: Draft, path: string, { ip, port, name, country, uid }: End): string {
  const hostname = text(hostnameOf(name));
  const address = draft.observed(path, 'ip', 'ip', draft.ip(path, 'ip', ip));
  draft.observed(path, 'hostname', 'hostname', hostname);
  const known =
    member('hostname', hostname) +
    (hostname === '' ? member('name', text(name)) : '') +
    member('uid', text(uid));
  if (address === '' && known === '') {
    draft.unplace(path, 'port', port);
    draft.unplace(path, 'location.country', country);
    return '';
  }
  return objectOf(
    'ip',
    address,
    known +
      member('port', draft.port(path, 'port', port)) +
      member('location', objectOf('country', text(country))),
  );
}

/** 62, 63, 65: both ends as members of an event or of evidence, the far one by its role. */
export function endpointMembers(
  draft: Draft,
  prefix: string,
  network: Network | undefined,
  domainName: string | undefined,
): string {
  if (network === undefined && domainName === undefined) return '';
  const outgoing = network?.remoteIsDestination === true;
  const source: End = {
    ip: network?.sourceIp ?? (outgoing ? undefined : network?.remoteIp),
    port: network?.sourcePort,
    country: outgoing ? undefined : network?.country,
  };
  const destination: End = {
    ip: network?.destinationIp ?? (outgoing ? network?.remoteIp : undefined),
    port: network?.destinationPort,
    name: domainName,
    country: outgoing ? network?.country : undefined,
  };
  return (
    member('src_endpoint', endpointObject(draft, `${prefix}src_endpoint`, source)) +
    member('dst_endpoint', endpointObject(draft, `${prefix}dst_endpoint`, destination)) +
    member('connection_info', connectionObject(network))
  );
}

/** 63: protocol and direction, where a protocol is told. */
function connectionObject(network: Network | undefined): string {
  const protocol = text(network?.protocol?.toLowerCase());
  if (protocol === '') return '';
  const direction = network?.remoteIsDestination === true ? outbound : inbound;
  return `{${direction},"protocol_name":${protocol}}`;
}

/** 64: a URL with its host. */
export function urlObject(draft: Draft, path: string, url: string | undefined): string {
  const told = draft.observed(path, 'url_string', 'url', draft.url(path, 'url_string', url));
  return told === '' ? '' : objectOf('url_string', told, member('hostname', text(hostOf(url ?? ''))));
}

function hostOf(url: string): string | undefined {
  const scheme = url.indexOf('://');
  const start = scheme < 0 ? 0 : scheme + 3;
  let end = start;
  while (end < url.length && !'/?#:'.includes(url.charAt(end))) end++;
  return hostnameOf(url.slice(start, end));
}
