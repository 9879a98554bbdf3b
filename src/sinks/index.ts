import type { Listed } from '../runtime/listed.ts';
import type { SinkType } from './sink.ts';

/** The transports. Connectors have a list of their own. */
export const sinkTypes: readonly Listed<SinkType>[] = [
  { name: 'syslog', load: async () => (await import('./syslog.ts')).syslog },
  { name: 'http', load: async () => (await import('./http.ts')).http },
  { name: 'file', load: async () => (await import('./file.ts')).file },
  { name: 'stdout', load: async () => (await import('./stdout.ts')).stdout },
];
