import { isIP } from 'node:net';
import type { Device } from '../event.ts';
import { noTexts, orNone } from './json-value.ts';

type Values = Partial<{ readonly [Field in keyof Device]: Device[Field] }>;

/**
 * Returns the device of these values, its short name and DNS domain taken from the full name where they are missing
 * (facts 33, 34); undefined when all are none.
 */
export function deviceFrom(values: Values): Device | undefined {
  const name = values.name ?? values.shortName;
  const dot = domainDot(name);
  const shortName = values.shortName ?? name;
  return orNone({
    name,
    shortName: hostOf(shortName, shortName === name ? dot : domainDot(shortName)),
    domain: values.domain ?? (dot > 0 ? name?.slice(dot + 1) || undefined : undefined),
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
