import type { BlindSpots } from '../runtime/blind-spots.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { Store } from '../store/store.ts';

/** What sources and sinks of one program share. */
export interface AppContext {
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  /** Where is told what the connector cannot see, or cannot tell. */
  readonly blindSpots: BlindSpots;
  /** How long delivered events are kept, ms. */
  readonly retentionMs: number;
}
