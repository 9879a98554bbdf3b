import type { Device, Evidence, File, Network, Process, SecurityEvent, User } from '../../event.ts';
import { ip } from '../address.ts';

// `related.*`: whatever the event and all of its evidence name, each once (formats reference §11.4).

type Facet = 'device' | 'user' | 'file' | 'process' | 'network' | 'domainName' | 'message' | 'mailbox';
type Named = { readonly [Key in Facet]?: Evidence[Key] | undefined };

const loopback: readonly string[] = ['127.0.0.1', '::1'];

/** Addresses that are no device's own loopback. */
export function relatedIps(event: SecurityEvent): readonly string[] {
  return collect(event, ({ device, network, message }) => [
    ...(device?.ipAddresses ?? []),
    device?.externalIp,
    ...networkIps(network),
    message?.senderIp,
  ]).filter((address) => ip(address) !== undefined && !loopback.includes(address));
}

/** Names and ids of devices, and domains. */
export function relatedHosts(event: SecurityEvent): readonly string[] {
  return collect(event, ({ device, domainName }) => [...deviceNames(device), domainName]);
}

/** Hashes of files and of images of processes. */
export function relatedHashes(event: SecurityEvent): readonly string[] {
  return collect(event, ({ file, process }) => [
    ...hashes(file),
    ...hashes(process?.image),
    ...hashes(process?.parentImage),
  ]);
}

/** Accounts by name, address and id. */
export function relatedUsers(event: SecurityEvent): readonly string[] {
  return collect(event, ({ user, process, mailbox, message, device }) => [
    ...userNames(user),
    ...userNames(process?.user),
    mailbox?.address,
    ...userNames(mailbox?.user),
    message?.recipient,
    ...(device?.loggedOnUsers.map(accountName) ?? []),
  ]);
}

function collect(
  event: SecurityEvent,
  namesOf: (facets: Named) => readonly (string | undefined)[],
): readonly string[] {
  const found = new Set<string>();
  const add = (names: readonly (string | undefined)[]): void => {
    for (const name of names) if (name !== undefined) found.add(name);
  };
  add(namesOf(event));
  for (const evidence of event.evidence) add(namesOf(evidence));
  return [...found];
}

function networkIps(network: Network | undefined): readonly (string | undefined)[] {
  return network === undefined ? [] : [network.remoteIp, network.sourceIp, network.destinationIp];
}

function deviceNames(device: Device | undefined): readonly (string | undefined)[] {
  return device === undefined ? [] : [device.name, device.shortName, device.id];
}

function hashes(file: File | undefined): readonly (string | undefined)[] {
  return file === undefined ? [] : [file.sha256, file.sha1, file.md5];
}

function userNames(user: Process['user'] | User): readonly (string | undefined)[] {
  return user === undefined ? [] : [user.name, user.upn, user.sid ?? user.entraId];
}

/** `user` of `domain\user`. */
function accountName(loggedOn: string): string {
  return loggedOn.slice(loggedOn.lastIndexOf('\\') + 1);
}
