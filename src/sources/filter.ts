import { z } from 'zod';
import type { SecurityEvent } from '../event.ts';
import { normalise } from '../normalise/index.ts';
import type { SourceRecord } from '../record.ts';

/** Which devices' records are wanted, where the API cannot be asked for them. */
export const deviceFilter = {
  deviceGroups: z.array(z.string()).optional().describe('Only records of devices in one of these groups.'),
  deviceTags: z.array(z.string()).optional().describe('Only records of devices with one of these tags.'),
};

/** The words of a device filter. */
export interface DeviceFilter {
  readonly deviceGroups?: readonly string[] | undefined;
  readonly deviceTags?: readonly string[] | undefined;
}

/**
 * Returns whether a record concerns a wanted device; without a filter every record does. Names are compared without
 * regard to case.
 */
export function concernsWantedDevice(filter: DeviceFilter): (record: SourceRecord) => boolean {
  const groups = lowerCased(filter.deviceGroups);
  const tags = lowerCased(filter.deviceTags);
  if (groups === undefined && tags === undefined) return () => true;
  return (record) => {
    const devices = devicesOf(normalise(record, {}));
    const inGroup =
      groups === undefined || devices.some(({ group }) => groups.has(group?.toLowerCase() ?? ''));
    const tagged =
      tags === undefined || devices.some((device) => device.tags.some((tag) => tags.has(tag.toLowerCase())));
    return inGroup && tagged;
  };
}

/** Returns an OData condition that is true for any of `values`, as text literals; undefined when there are none. */
export function anyOf(property: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const conditions = values.map((value) => `${property} eq '${value.replaceAll("'", "''")}'`);
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' or ')})`;
}

function devicesOf(event: SecurityEvent) {
  const devices = event.evidence.flatMap(({ device }) => (device === undefined ? [] : [device]));
  return event.device === undefined ? devices : [event.device, ...devices];
}

function lowerCased(names: readonly string[] | undefined): Set<string> | undefined {
  return names === undefined || names.length === 0
    ? undefined
    : new Set(names.map((name) => name.toLowerCase()));
}
