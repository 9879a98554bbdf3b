import { isIP } from 'node:net';
import type { Device } from '../event.ts';
import { noTexts, orNone } from './json-value.ts';

type Values = Partial<{ readonly [Field in keyof Device]: Device[Field] }>;

/** Returns the device of these values, with its names (`withNames`); undefined when all are none. */
export function deviceFrom(values: Values): Device | undefined {
  return withNames({
    name: values.name,
    shortName: values.shortName,
    domain: values.domain,
    ntDomain: values.ntDomain,
    id: values.id,
    entraId: values.entraId,
    ipAddresses: values.ipAddresses ?? noTexts,
    externalIp: values.externalIp,
    os: values.os,
    osVersion: values.osVersion,
    osBuild: values.osBuild,
    group: values.group,
    tags: values.tags ?? noTexts,
    riskScore: values.riskScore,
    healthStatus: values.healthStatus,
    onboardingStatus: values.onboardingStatus,
    antivirusStatus: values.antivirusStatus,
    loggedOnUsers: values.loggedOnUsers ?? noTexts,
    vmId: values.vmId,
    cloudProvider: values.cloudProvider,
    subscriptionId: values.subscriptionId,
    firstSeen: values.firstSeen,
  });
}

/**
 * Gives the device, which no one else has yet, its short name and DNS domain from the full name where they are missing
 * (facts 33, 34), and returns it; undefined when all its values are none.
 */
export function withNames(device: { -readonly [Field in keyof Device]: Device[Field] }): Device | undefined {
  const name = device.name ?? device.shortName;
  const dot = domainDot(name);
  const shortName = device.shortName ?? name;
  device.name = name;
  device.shortName = hostOf(shortName, shortName === name ? dot : domainDot(shortName));
  if (device.domain === undefined && dot > 0) device.domain = name?.slice(dot + 1) || undefined;
  return orNone(device);
}

function hostOf(name: string | undefined, dot: number): string | undefined {
  return dot > 0 ? name?.slice(0, dot) : name;
}

/** Returns where the domain begins in a full name, at its first dot; none in an address that stands for a name. */
function domainDot(name: string | undefined): number {
  const dot = name?.indexOf('.') ?? -1;
  return name === undefined || dot <= 0 || (mayBeAddress(name) && isIP(name) !== 0) ? -1 : dot;
}

/** An address with a dot ends in a digit, or has colons: names that have neither are not taken apart to find out. */
function mayBeAddress(name: string): boolean {
  const last = name.charCodeAt(name.length - 1);
  return (last >= 0x30 && last <= 0x39) || name.includes(':');
}
