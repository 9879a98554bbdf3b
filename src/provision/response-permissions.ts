import type { Resource } from '../identity/resources.ts';

/** An action that answers a detection, and the application permission with the least rights that allows it. */
export interface ResponsePermission {
  readonly action: string;
  readonly resource: Resource;
  /** What allows it, the least first. */
  readonly permissions: readonly string[];
}

/** The response actions (reference §8.1, §9): on devices, on indicators, and on the state of alerts and incidents. */
export const responsePermissions: readonly ResponsePermission[] = [
  { action: 'isolate', resource: 'defender', permissions: ['Machine.Isolate'] },
  { action: 'restrict', resource: 'defender', permissions: ['Machine.RestrictExecution'] },
  { action: 'scan', resource: 'defender', permissions: ['Machine.Scan'] },
  { action: 'stop-and-quarantine', resource: 'defender', permissions: ['Machine.StopAndQuarantine'] },
  { action: 'collect-package', resource: 'defender', permissions: ['Machine.CollectForensics'] },
  { action: 'follow', resource: 'defender', permissions: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  { action: 'tags', resource: 'defender', permissions: ['Machine.ReadWrite.All'] },
  // The narrower of the two lets it change only what it submitted itself.
  { action: 'indicators', resource: 'defender', permissions: ['Ti.ReadWrite', 'Ti.ReadWrite.All'] },
  { action: 'alert-status', resource: 'graph', permissions: ['SecurityAlert.ReadWrite.All'] },
  { action: 'incident-status', resource: 'graph', permissions: ['SecurityIncident.ReadWrite.All'] },
];
