import type { SecurityEvent } from '../event.ts';
import { blankFacts } from './blank-event.ts';
import { textOf, timeOf } from './json-value.ts';
import { machineDeviceOf } from './machine-device.ts';
import { endpointProduct } from './product.ts';
import type { RecordType } from './record-type.ts';

/** Fields of which a machine, or a reference to one, has at least one beside its id and name. */
const ownFields = ['osPlatform', 'lastSeen', 'healthStatus', 'machineTags'];

/**
 * A machine of the Defender for Endpoint API, or a reference to one (API reference §8.2, §8.3). It tells no time of its
 * last change, so that its content is its version.
 */
export const machine: RecordType = {
  kind: 'device',

  recognises: (object) =>
    'id' in object && 'computerDnsName' in object && ownFields.some((field) => field in object),

  identify: (object) => ({
    id: textOf(object.id),
    updated: timeOf(object.lastSeen),
    created: timeOf(object.firstSeen),
  }),

  toEvent(object, json, context): SecurityEvent {
    const id = textOf(object.id) ?? context.record.id;
    return {
      ...blankFacts,
      kind: 'device',
      id,
      version: context.record.version,
      title: textOf(object.computerDnsName) ?? id,
      severity: 'informational',
      category: 'Inventory',
      product: endpointProduct,
      detectorId: 'device',
      tenantId: context.tenantId,
      firstActivity: timeOf(object.firstSeen),
      lastActivity: timeOf(object.lastSeen),
      updated: timeOf(object.lastSeen),
      device: machineDeviceOf(object, id),
      json,
    };
  },
};
