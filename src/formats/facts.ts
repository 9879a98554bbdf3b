import type { SecurityEvent } from '../event.ts';
import { firstReachable, ip, ipv4, ipv6 } from './address.ts';

// Facts that a format with one slot each makes of several members of an event, by number (formats reference §11.3).

const listSeparator = ',';

/** Returns the values joined with commas, or undefined when there are none. */
export function list(values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return values.length === 1 ? values[0] : values.join(listSeparator);
}

/** 10, 11: `classification/determination`, or the one that is known. */
export function classification(event: SecurityEvent): string | undefined {
  return join('/', event.classification, event.determination);
}

/** 13: which part of Defender saw it, else its product. */
export function detectionSource(event: SecurityEvent): string | undefined {
  return event.detectionSource ?? event.serviceSource;
}

/** 27: `name: value` of the indicator that matched. */
export function indicator(event: SecurityEvent): string | undefined {
  const found = event.indicator;
  if (found === undefined) return undefined;
  return (
    join(': ', found.name, found.value) ?? join(': ', found.creatorName, found.creatorValue) ?? found.uniqueId
  );
}

/** 37: the first IPv4 address of the device that is not loopback or link-local. */
export function deviceIpv4(event: SecurityEvent): string | undefined {
  return event.device && firstReachable(event.device.ipAddresses, ipv4);
}

/** 37: likewise its first IPv6 address. */
export function deviceIpv6(event: SecurityEvent): string | undefined {
  return event.device && firstReachable(event.device.ipAddresses, ipv6);
}

/** 37: its first IPv4 address, else its first IPv6 address, neither loopback nor link-local. */
export function deviceIp(event: SecurityEvent): string | undefined {
  return deviceIpv4(event) ?? deviceIpv6(event);
}

/** 39: operating system, version and build. */
export function operatingSystem(event: SecurityEvent): string | undefined {
  const device = event.device;
  return device && join(' ', device.os, device.osVersion, device.osBuild);
}

/** 54: who signed the file, else who published it. */
export function fileSigner(event: SecurityEvent): string | undefined {
  return event.file?.signer ?? event.file?.publisher;
}

/** 55: path of the process's image, else its name. */
export function processImage(event: SecurityEvent): string | undefined {
  return event.process?.image?.path ?? event.process?.image?.name;
}

/** 60: path of the parent's image, else its name. */
export function parentImage(event: SecurityEvent): string | undefined {
  return event.process?.parentImage?.path ?? event.process?.parentImage?.name;
}

/** 62, 63, 69: the address at the source: of the connection, else a remote one in that role, else a mail's sender. */
export function sourceIp({ network, message }: SecurityEvent): string | undefined {
  if (network === undefined && message === undefined) return undefined;
  const remoteIp = network?.remoteIsDestination === false ? network.remoteIp : undefined;
  return knownIp(network?.sourceIp) ?? knownIp(remoteIp) ?? knownIp(message?.senderIp);
}

/** 62, 63: the address at the destination: of the connection, else a remote one in that role. */
export function destinationIp({ network }: SecurityEvent): string | undefined {
  if (network === undefined) return undefined;
  return (
    knownIp(network.destinationIp) ?? knownIp(network.remoteIsDestination ? network.remoteIp : undefined)
  );
}

/** 66: hive and key. */
export function registryKey({ registry }: Pick<SecurityEvent, 'registry'>): string | undefined {
  if (registry === undefined) return undefined;
  const { hive, key } = registry;
  const named = hive !== undefined && key?.toUpperCase().startsWith(hive.toUpperCase());
  return named ? key : join('\\', hive, key);
}

/** 69: the mail's sender by its header, else by its envelope. */
export function mailSender(event: SecurityEvent): string | undefined {
  return event.message?.sender ?? event.message?.envelopeSender;
}

/** 74: id of the cloud resource, else its name. */
export function cloudResource(event: SecurityEvent): string | undefined {
  return event.cloudResource?.id ?? event.cloudResource?.name;
}

/** 78, 72: what was done, else what became of the mail. */
export function action(event: SecurityEvent): string | undefined {
  return event.action ?? event.message?.deliveryAction;
}

/** 82: `clusterBy: value`. */
export function mailCluster(event: SecurityEvent): string | undefined {
  return event.mailCluster && join(': ', event.mailCluster.by, event.mailCluster.value);
}

/** §11.4: how many pieces of evidence there were. */
export function evidenceCount(event: SecurityEvent): string | undefined {
  return event.evidence.length === 0 ? undefined : String(event.evidence.length);
}

/** Returns the text when it is known and an IP address. */
function knownIp(text: string | undefined): string | undefined {
  return text === undefined ? undefined : ip(text);
}

/** Returns what is known of the values, joined; undefined when nothing is. */
export function join(
  separator: string,
  first: string | undefined,
  second: string | undefined,
  third?: string | undefined,
): string | undefined {
  const both = first !== undefined && second !== undefined ? first + separator + second : (first ?? second);
  return third === undefined ? both : join(separator, both, third);
}
