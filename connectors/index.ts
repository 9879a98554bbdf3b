import type { Format } from '../src/formats/format.ts';
import type { SinkProfile } from '../src/sinks/profile.ts';
import type { SinkType } from '../src/sinks/sink.ts';
import { splunkHec } from './splunk/connector.ts';

/** The sink types of all connectors, one folder each. */
export const connectorSinkTypes: readonly SinkType[] = [splunkHec];

/** The formats that only one SIEM reads. */
export const connectorFormats: readonly Format[] = [];

/** What single words set of a sink for one receiver. */
export const connectorProfiles: readonly SinkProfile[] = [];
