import type { ConnectorEventType } from '../../src/connector-facts.ts';

/** Categories of Defender's alerts: the tactics of the formats reference, §11.5, and the further ones known. */
export const defenderCategories: readonly string[] =
  'Reconnaissance ResourceDevelopment InitialAccess Execution Persistence PrivilegeEscalation DefenseEvasion CredentialAccess Discovery LateralMovement Collection Exfiltration CommandAndControl Impact Malware Ransomware UnwantedSoftware SuspiciousActivity Exploit ThreatManagement DataLossPrevention AnonymousLogin PasswordSpray'.split(
    ' ',
  );

/** A type that is added to the connector's own events does not compile until it stands here. */
const types: Readonly<Record<ConnectorEventType, true>> = {
  heartbeat: true,
  gap: true,
  stall: true,
  'partial-answer': true,
  'permission-lost': true,
  'credential-expiring': true,
  'dead-letters': true,
  'sink-failing': true,
  'journal-near-bound': true,
  'unknown-shape': true,
  'audit-missing': true,
};

/** The class ids of the connector's own events, as far as their types are known to this release. */
export const connectorClassIds: readonly string[] = Object.keys(types).map((type) => `connector-${type}`);
