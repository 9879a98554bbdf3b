import type { Config } from '../../config/schema.ts';
import type { Quotas } from '../../http/quotas.ts';
import type { SharedClients } from '../../http/shared-clients.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { Reach, ReachOptions } from '../../sinks/reach.ts';

/** How the check tries things. */
export interface LiveCheckOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the check is to stop. */
  readonly signal: AbortSignal;
  /** Sends a test event to each sink, in place of only opening it. */
  readonly sendTest: boolean;
  /** The resolver and the network, in place of this host's. */
  readonly network?: Pick<ReachOptions, 'lookup' | 'connect'>;
}

/** What the looks at tenants and sinks share. */
export interface LiveCheckContext extends LiveCheckOptions {
  readonly config: Config;
  readonly quotas: Quotas;
  readonly clients: SharedClients;
  /** How far hosts are reached that several tenants have in common, by the way to them. */
  readonly hosts: Map<string, Promise<Reach>>;
}
