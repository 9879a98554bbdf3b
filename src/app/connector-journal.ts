import { hostname } from 'node:os';
import { addMs, instantOf } from '../fields/instant.ts';
import { type ConnectorEvent, connectorJson } from '../normalise/connector-event.ts';
import { recordOf } from '../normalise/index.ts';
import { connectorSource } from '../record.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import { packageVersion } from '../version.ts';

/** How long the keys of these events are kept, ms: their numbers tell them apart, so only for a step of the clock. */
const rememberMs = 86_400_000;
/** Characters of a message; what tells the cause stands at the beginning. */
const mostCharacters = 1000;

/** An event as its author knows it. */
export type ConnectorEventDraft = Omit<ConnectorEvent, 'tenantId' | 'host' | 'connectorVersion'>;

/** Where the connector's own events go: the same journal as Microsoft's records, under the source `connector`. */
export interface ConnectorJournal {
  /**
   * Appends events and sets counters, all in one transaction. Rejects with STORE_UNUSABLE when the disk refuses:
   * nothing was written then.
   */
  write(events: readonly ConnectorEventDraft[], counters: Readonly<Record<string, number>>): Promise<void>;
}

/** Makes the connector's own journal. `tenantIds`: directory ids by the tenants' names. */
export function createConnectorJournal(options: {
  readonly store: Pick<Store, 'accept'>;
  readonly clock: Clock;
  readonly tenantIds: ReadonlyMap<string, string>;
  /** Called when the journal has grown. */
  readonly onAccepted: () => void;
}): ConnectorJournal {
  const { store, clock, tenantIds, onAccepted } = options;
  const host = hostname();
  const connectorVersion = packageVersion();

  return {
    async write(events, counters) {
      const now = instantOf(clock.now());
      const records = events.map((event) => {
        const tenantId = event.tenant === undefined ? undefined : tenantIds.get(event.tenant);
        const message = event.message.slice(0, mostCharacters).toWellFormed();
        return recordOf('connector', connectorJson({ ...event, message, tenantId, host, connectorVersion }));
      });
      await store.accept({
        source: connectorSource,
        records,
        updates: 'all',
        counters,
        // No watermark: it would be this host's word alone, and a clock that jumped would make rows old before their time.
        forgetBefore: addMs(now, -rememberMs),
        nowMs: clock.now(),
      });
      onAccepted();
    },
  };
}
