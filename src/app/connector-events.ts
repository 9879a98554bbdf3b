import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import type { BlindSpots } from '../runtime/blind-spots.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { Store } from '../store/store.ts';
import { type BlindSpotJournal, openBlindSpotJournal } from './blind-spot-journal.ts';
import { createConnectorJournal } from './connector-journal.ts';
import type { CredentialRotation } from './credential-rotation.ts';
import { createCredentialWatch } from './credential-watch.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { TenantConnection } from './tenant-connection.ts';

/** How long after a refusal the store is tried again, ms. */
const retryMs = 10_000;

/** The connector's own events: what it cannot see or tell, and that it is alive. */
export interface ConnectorEvents {
  readonly blindSpots: BlindSpots;
  /** Lets the hearts beat, and watches over the credentials, until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks at the credentials once, for a program that runs only for a moment. Never rejects. */
  look(): Promise<void>;
  /** Writes what the store has not taken yet, if it takes it now. Never rejects. */
  flush(): Promise<void>;
}

/** What the connector's own events are made of. */
export interface ConnectorEventsOptions {
  readonly config: Pick<Config, 'watch' | 'sources' | 'sinks'>;
  readonly tenants: readonly Pick<TenantConnection, 'name' | 'id' | 'credential'>[];
  readonly rotation: Pick<CredentialRotation, 'validityOf' | 'problemOf'>;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the journal has grown. */
  readonly onAccepted: () => void;
}

/** Takes up what an earlier process left open. Rejects with STORE_UNUSABLE when the store cannot be read. */
export async function createConnectorEvents(options: ConnectorEventsOptions): Promise<ConnectorEvents> {
  const { config, tenants, rotation, store, telemetry, clock, log, onAccepted } = options;
  const { heartbeat: heartbeatMs, blindSpots: told } = config.watch;
  const tenantIds = new Map(tenants.map(({ name, id }) => [name, id]));
  const sinks = config.sinks.map(({ name }) => name);
  const journal = createConnectorJournal({ store, clock, tenantIds, onAccepted });
  const configured = { tenants: [...tenantIds.keys()], sources: config.sources, sinks };
  const blindSpots = told ? await openBlindSpotJournal({ journal, store, configured, clock, log }) : untold;
  const credentials = createCredentialWatch({ tenants, rotation, blindSpots, clock });
  const beat = createHeartbeat({
    sources: config.sources.map(({ name, tenant }) => ({ name, tenant, totals: telemetry.source(name) })),
    journal,
    store,
    clock,
  });
  let beats = true;

  /** True when the store took the heartbeats; says once when it does not, and once when it does again. */
  async function tryToBeat(): Promise<boolean> {
    try {
      await beat();
      if (!beats) log.info({}, 'the store takes heartbeats again');
      beats = true;
    } catch (error) {
      if (beats) log.error({ reason: messageOf(error) }, 'the store does not take heartbeats');
      beats = false;
    }
    return beats;
  }

  async function beatOn(signal: AbortSignal): Promise<void> {
    while (heartbeatMs > 0 && !signal.aborted) {
      const written = await tryToBeat();
      await clock.sleep(written ? heartbeatMs : Math.min(heartbeatMs, retryMs), signal);
    }
  }

  async function retryOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await blindSpots.flush();
      await clock.sleep(retryMs, signal);
    }
  }

  return {
    blindSpots,
    async run(signal) {
      await Promise.all([beatOn(signal), ...(told ? [credentials.run(signal), retryOn(signal)] : [])]);
    },
    async look() {
      await credentials.look();
      await blindSpots.flush();
    },
    flush: () => blindSpots.flush(),
  };
}

/** For a configuration that does not want to be told. */
const untold: BlindSpotJournal = {
  open: () => {},
  close: () => {},
  flush: async () => {},
};
