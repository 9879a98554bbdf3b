import type { Format } from '../src/formats/format.ts';
import type { SinkProfile } from '../src/sinks/profile.ts';
import type { SinkType } from '../src/sinks/sink.ts';
import { arcsight } from './arcsight/profile.ts';
import { elastic } from './elastic/connector.ts';
import { qradar } from './qradar/profile.ts';
import { rsyslog, syslogNg } from './relays/profile.ts';
import { asim } from './sentinel/asim/asim.ts';
import { sentinel } from './sentinel/connector.ts';
import { sentinelAma } from './sentinel/profile.ts';
import { splunkHec } from './splunk/connector.ts';
import { splunkSc4s } from './splunk/profile.ts';

/** The sink types of all connectors, one folder each. */
export const connectorSinkTypes: readonly SinkType[] = [splunkHec, elastic, sentinel];

/** The formats that only one SIEM reads. */
export const connectorFormats: readonly Format[] = [asim];

/** What single words set of a sink for one receiver. */
export const connectorProfiles: readonly SinkProfile[] = [
  arcsight,
  qradar,
  rsyslog,
  splunkSc4s,
  syslogNg,
  sentinelAma,
];
