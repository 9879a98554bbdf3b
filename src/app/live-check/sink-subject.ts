import type { Config } from '../../config/schema.ts';
import type { Formatter } from '../../formats/format.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { TenantConnection } from '../tenant-connection.ts';
import type { LiveCheckContext } from './context.ts';
import type { Report } from './report.ts';

/** A sink that is looked at. */
export interface SinkSubject {
  readonly config: Config['sinks'][number];
  readonly sink: Sink;
  readonly format: Formatter;
  /** The tenants whose identity the sink uses. */
  readonly tenants: readonly TenantConnection[];
  readonly context: LiveCheckContext;
}

/** One kind of look at a sink: adds what it finds to the report. */
export type SinkCheck = (subject: SinkSubject, report: Report) => Promise<void>;
