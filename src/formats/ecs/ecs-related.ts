import type { Device, Evidence, File, SecurityEvent, User } from '../../event.ts';
import { Distinct } from '../distinct.ts';

// `related.*`: whatever the event and all of its evidence name, each once (formats reference §11.4).

type Facet = 'device' | 'user' | 'file' | 'process' | 'network' | 'domainName' | 'message' | 'mailbox';
type Named = { readonly [Key in Facet]?: Evidence[Key] | undefined };

const loopback: readonly string[] = ['127.0.0.1', '::1'];

/** Addresses that are no device's own loopback; the row takes those that are addresses. */
export function relatedIps(event: SecurityEvent): readonly string[] {
  const found = collect(event, addIps);
  return found.some((address) => loopback.includes(address))
    ? found.filter((address) => !loopback.includes(address))
    : found;
}

/** Names and ids of devices, and domains. */
export function relatedHosts(event: SecurityEvent): readonly string[] {
  return collect(event, addHosts);
}

/** Hashes of files and of images of processes. */
export function relatedHashes(event: SecurityEvent): readonly string[] {
  return collect(event, addHashes);
}

/** Accounts by name, address and id. */
export function relatedUsers(event: SecurityEvent): readonly string[] {
  return collect(event, addUsers);
}

function collect(
  event: SecurityEvent,
  addNames: (found: Distinct, facets: Named) => void,
): readonly string[] {
  const found = new Distinct();
  addNames(found, event);
  for (const evidence of event.evidence) addNames(found, evidence);
  return found.values;
}

function addIps(found: Distinct, { device, network, message }: Named): void {
  if (device !== undefined) {
    for (const address of device.ipAddresses) found.add(address);
    found.add(device.externalIp);
  }
  if (network !== undefined) {
    found.add(network.remoteIp);
    found.add(network.sourceIp);
    found.add(network.destinationIp);
  }
  found.add(message?.senderIp);
}

function addHosts(found: Distinct, { device, domainName }: Named): void {
  if (device !== undefined) addDevice(found, device);
  found.add(domainName);
}

function addDevice(found: Distinct, { name, shortName, id }: Device): void {
  found.add(name);
  found.add(shortName);
  found.add(id);
}

function addHashes(found: Distinct, { file, process }: Named): void {
  addFile(found, file);
  if (process === undefined) return;
  addFile(found, process.image);
  addFile(found, process.parentImage);
}

function addFile(found: Distinct, file: File | undefined): void {
  if (file === undefined) return;
  found.add(file.sha256);
  found.add(file.sha1);
  found.add(file.md5);
}

function addUsers(found: Distinct, { user, process, mailbox, message, device }: Named): void {
  addUser(found, user);
  addUser(found, process?.user);
  if (mailbox !== undefined) {
    found.add(mailbox.address);
    addUser(found, mailbox.user);
  }
  found.add(message?.recipient);
  if (device === undefined) return;
  for (const loggedOn of device.loggedOnUsers) found.add(accountName(loggedOn));
}

function addUser(found: Distinct, user: User | undefined): void {
  if (user === undefined) return;
  found.add(user.name);
  found.add(user.upn);
  found.add(user.sid ?? user.entraId);
}

/** `user` of `domain\user`. */
function accountName(loggedOn: string): string {
  return loggedOn.slice(loggedOn.lastIndexOf('\\') + 1);
}
