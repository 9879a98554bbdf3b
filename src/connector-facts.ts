import type { BlindSpot } from './runtime/blind-spots.ts';

/** Vendor and product of the connector's own events: none of them is Microsoft's. */
export const connectorVendor = 'defender-siem';

/** What an event of the connector's own can be: a sign of life, or something that it cannot see or tell. */
export type ConnectorEventType = 'heartbeat' | BlindSpot;

/** What only an event of the connector's own says (kind `connector`); numbers as text. */
export interface ConnectorFacts {
  /**
   * Of a heartbeat: which one of its tenant and source, from 1 on without a hole or a repeat. Of a blind spot: how many
   * times it has opened; its end has the number of its beginning.
   */
  readonly number: string | undefined;
  /** Names of the configuration. */
  readonly tenant: string | undefined;
  readonly source: string | undefined;
  readonly sink: string | undefined;
  /** Up to when the source has been read completely, and how far that is behind. */
  readonly watermark: string | undefined;
  readonly lagSeconds: string | undefined;
  /** Since the start of the process. */
  readonly accepted: string | undefined;
  readonly repeated: string | undefined;
  /** When the source was last read without a failure. */
  readonly lastSuccess: string | undefined;
  readonly connectorVersion: string | undefined;
}
