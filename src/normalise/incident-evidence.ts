import type { Evidence } from '../event.ts';
import { alertEvidenceIdentities, alertEvidenceOf } from './alert-evidence.ts';
import { draftOf } from './evidence.ts';
import { evidenceIdentity } from './evidence-identity.ts';
import { graphEvidenceIdentities, graphEvidenceOf } from './graph-evidence.ts';
import { distinct, type JsonObject, objectsOf } from './json-value.ts';
import { machineDeviceOf } from './machine-device.ts';

/**
 * Reads the evidence of an incident's alerts, in their order: that of Graph as its own alerts have it (API reference
 * §6.4); `devices` and `entities` of Defender XDR (§5), which are flat as those of Defender for Endpoint.
 */
export function incidentEvidenceOf(alerts: readonly JsonObject[]): readonly Evidence[] {
  return alerts.flatMap((alert) => {
    if (!isXdr(alert)) return graphEvidenceOf(alert.evidence);
    const devices = objectsOf(alert.devices).map((item) => ({
      ...draftOf(item, machineType, undefined),
      device: machineDeviceOf(item),
    }));
    return [...devices, ...alertEvidenceOf({ evidence: alert.entities })];
  });
}

/** Returns what tells each piece of evidence from the others, in every state of the incident; without repeats. */
export function incidentEvidenceIdentities(alerts: readonly JsonObject[]): readonly string[] {
  return distinct(
    alerts.flatMap((alert) => {
      if (!isXdr(alert)) return graphEvidenceIdentities(alert.evidence);
      const devices = objectsOf(alert.devices).map((item) =>
        // An alert of Defender XDR has its own word for the machine's id.
        evidenceIdentity(machineType.toLowerCase(), { ...item, machineId: item.mdatpDeviceId }),
      );
      return [...devices, ...alertEvidenceIdentities({ evidence: alert.entities })];
    }),
  );
}

const machineType = 'Machine';

function isXdr(alert: JsonObject): boolean {
  return Array.isArray(alert.entities) || Array.isArray(alert.devices);
}
