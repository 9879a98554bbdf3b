import type { Format } from '../src/formats/format.ts';
import type { Listed } from '../src/runtime/listed.ts';
import type { SinkProfile } from '../src/sinks/profile.ts';
import type { SinkType } from '../src/sinks/sink.ts';

/** The sink types of all connectors, one folder each. */
export const connectorSinkTypes: readonly Listed<SinkType>[] = [
  { name: 'splunk-hec', load: async () => (await import('./splunk/connector.ts')).splunkHec },
  { name: 'elastic', load: async () => (await import('./elastic/connector.ts')).elastic },
  { name: 'sentinel', load: async () => (await import('./sentinel/connector.ts')).sentinel },
];

/** The formats that only one SIEM reads. */
export const connectorFormats: readonly Listed<Format>[] = [
  { name: 'asim', load: async () => (await import('./sentinel/asim/asim.ts')).asim },
];

/** What single words set of a sink for one receiver. */
export const connectorProfiles: readonly Listed<SinkProfile>[] = [
  { name: 'arcsight', load: async () => (await import('./arcsight/profile.ts')).arcsight },
  { name: 'qradar', load: async () => (await import('./qradar/profile.ts')).qradar },
  { name: 'rsyslog', load: async () => (await import('./relays/profile.ts')).rsyslog },
  { name: 'splunk-sc4s', load: async () => (await import('./splunk/profile.ts')).splunkSc4s },
  { name: 'syslog-ng', load: async () => (await import('./relays/profile.ts')).syslogNg },
  { name: 'sentinel-ama', load: async () => (await import('./sentinel/profile.ts')).sentinelAma },
];
