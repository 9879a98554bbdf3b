import { isIP } from 'node:net';
import type { Device } from '../event.ts';
import { orNone } from './json-value.ts';

type Values = Partial<{ readonly [Field in keyof Device]: Device[Field] }>;

const noTexts: readonly string[] = Object.freeze([]);

/**
 * Returns the device of these values, its short name and DNS domain taken from the full name where they are missing
 * (facts 33, 34); undefined when all are none.
 */
export function deviceFrom(values: Values): Device | undefined {
  const name = values.name ?? values.shortName;
  const { host, suffix } = split(name);
  return orNone({
    name,
    shortName: split(values.shortName).host ?? host,
    domain: values.domain ?? suffix,
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

/** Splits a full name at its first dot; an address that stands for a name has no domain. */
function split(name: string | undefined): { host: string | undefined; suffix: string | undefined } {
  const dot = name?.indexOf('.') ?? -1;
  if (name === undefined || dot <= 0 || isIP(name) !== 0) return { host: name, suffix: undefined };
  return { host: name.slice(0, dot), suffix: name.slice(dot + 1) || undefined };
}
