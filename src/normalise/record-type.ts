import type { SecurityEvent } from '../event.ts';
import type { RecordKind, SourceRecord } from '../record.ts';
import type { JsonObject } from './json-value.ts';
import type { TrackedState } from './tracked-state.ts';

/** What a record does not say of itself. */
export interface NormaliseContext {
  /** The tenant of the connection: fact 26 of a record that names none. */
  readonly tenantId?: string | undefined;
  /** Origin of the portal that built links lead to (API reference §1.2); `https://security.microsoft.com` by default. */
  readonly portalOrigin?: string | undefined;
}

/** What identifies a record, as far as it says. */
export interface Identity {
  /** Which object it is; undefined when the record has no id. */
  readonly id: string | undefined;
  /** Which state of it: its last update time exactly as sent; undefined when it has none. */
  readonly version?: string | undefined;
  /** Last update time; undefined when it has none. */
  readonly updated?: string | undefined;
  /**
   * When the object came into being (`SourceRecord.created`), as sent: creation of an alert, incident or other object,
   * `AlertTime` of a detection, `Timestamp` of a row of hunting, first sight of a machine, beginning of a blind spot.
   */
  readonly created?: string | undefined;
}

/** What `toEvent` is handed beside the parsed record. */
export interface EventContext extends NormaliseContext {
  /** The record's identity as accepted: stands in where the record has none of its own. */
  readonly record: Pick<SourceRecord, 'id' | 'version'>;
}

/** One shape of record: how to know it, what identifies it, what it means. A new kind is one of these. */
export interface RecordType {
  readonly kind: RecordKind;
  /** True when the object has the fields that only this kind has. */
  recognises(object: JsonObject): boolean;
  /** Total: whatever the object holds. */
  identify(object: JsonObject): Identity;
  /** Returns what later states of the object are compared with; total. Absent where the kind has no later states. */
  track?(object: JsonObject): TrackedState;
  /** Returns the event; total: what cannot be read is undefined. `json` is the record's text, verbatim. */
  toEvent(object: JsonObject, json: string, context: EventContext): SecurityEvent;
}
