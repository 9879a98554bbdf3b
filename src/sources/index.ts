import type { Listed } from '../runtime/listed.ts';
import type { SourceType } from './source-type.ts';

/** Every kind of source. A new one is one file and one line here. */
export const sourceTypes: readonly Listed<SourceType>[] = [
  { name: 'graph-alerts', load: async () => (await import('./graph-alerts.ts')).graphAlerts },
  { name: 'alerts', load: async () => (await import('./alerts.ts')).alerts },
  { name: 'detections', load: async () => (await import('./detections.ts')).detections },
];
