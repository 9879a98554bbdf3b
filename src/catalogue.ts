import { connectorFormats, connectorProfiles, connectorSinkTypes } from '../connectors/index.ts';
import type { Catalogue } from './config/named-parts.ts';
import { formats } from './formats/index.ts';
import { sinkTypes } from './sinks/index.ts';
import { sourceTypes } from './sources/index.ts';

/** Everything that a configuration can name: every kind of source, every format, every transport and connector. */
export const catalogue: Catalogue = {
  sinkTypes: [...sinkTypes, ...connectorSinkTypes],
  formats: [...formats, ...connectorFormats],
  sourceTypes,
  profiles: connectorProfiles,
};
