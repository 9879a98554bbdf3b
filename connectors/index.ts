import type { SinkType } from '../src/sinks/sink.ts';
import { splunkHec } from './splunk/connector.ts';

/** The sink types of all connectors, one folder each. */
export const connectorSinkTypes: readonly SinkType[] = [splunkHec];
