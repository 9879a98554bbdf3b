import type { Device } from '../event.ts';
import { deviceFrom } from './device.ts';
import {
  distinct,
  type JsonObject,
  knownOf,
  objectOf,
  objectsOf,
  textOf,
  textsOf,
  timeOf,
} from './json-value.ts';
import { loggedOnUsersOf } from './user.ts';

/**
 * Reads the fields of a machine under the names that each API gives them: the machine of Defender for Endpoint (API
 * reference §8.2), evidence of type `Machine` (§4.3), and the devices in an alert of an incident (§5). `id` is that of
 * the machine where the object itself is one.
 */
export function machineDeviceOf(item: JsonObject, id?: string): Device | undefined {
  const virtual = objectOf(item.vmMetadata);
  return deviceFrom({
    name: textOf(item.computerDnsName) ?? textOf(item.deviceDnsName),
    id: id ?? textOf(item.machineId) ?? textOf(item.mdeDeviceId) ?? textOf(item.mdatpDeviceId),
    entraId: textOf(item.aadDeviceId),
    ipAddresses: addressesOf(item),
    externalIp: textOf(item.lastExternalIpAddress),
    os: textOf(item.osPlatform),
    osVersion: textOf(item.version) ?? textOf(item.osVersion),
    osBuild: textOf(item.osBuild),
    group: textOf(item.rbacGroupName),
    tags: distinct([...textsOf(item.machineTags), ...textsOf(item.tags)]),
    riskScore: textOf(item.riskScore),
    healthStatus: textOf(item.healthStatus),
    onboardingStatus: textOf(item.onboardingStatus),
    antivirusStatus: textOf(item.defenderAvStatus),
    loggedOnUsers: loggedOnUsersOf(item.loggedOnUsers),
    vmId: textOf(virtual.vmId),
    cloudProvider: knownOf(virtual.cloudProvider),
    subscriptionId: textOf(virtual.subscriptionId),
    firstSeen: timeOf(item.firstSeen),
  });
}

/** The last address goes first: it is the one that the machine was seen with. */
function addressesOf(item: JsonObject): readonly string[] {
  return distinct([
    textOf(item.lastIpAddress),
    ...objectsOf(item.ipAddresses).map(({ ipAddress }) => textOf(ipAddress)),
  ]);
}
