/**
 * What a record is by its wire shape; a source yields records of one kind. `hunting-event`: a row of an advanced hunting
 * table, streamed or queried; `entity`: any other object of the APIs, such as a vulnerability or a machine action;
 * `connector`: an event of our own.
 */
export type RecordKind =
  | 'detection'
  | 'alert'
  | 'graph-alert'
  | 'incident'
  | 'hunting-event'
  | 'device'
  | 'entity'
  | 'connector';

/** The kinds that a source reads. */
export type ApiRecordKind = 'detection' | 'alert' | 'graph-alert';

/** One object as Microsoft sent it, with what identifies it. */
export interface SourceRecord {
  readonly kind: RecordKind;
  /** Which object it is, within its kind and tenant (alert id; `FullId` of a detection). */
  readonly id: string;
  /** Which state of the object: its last update time exactly as sent, else `sha256:` and the hash of its text. */
  readonly version: string;
  /** Last update time, the field that windows and watermarks run on; undefined when the record has none. */
  readonly updated: string | undefined;
  /**
   * When the object came into being, the same in all its states; undefined where it does not say. The store keeps keys
   * in this order, so that those of one time lie together; a state that tells another time is taken for a new object.
   */
  readonly created?: string | undefined;
  /** The object's JSON text, character for character as it stood in the answer. */
  readonly json: string;
  /** What `json` parses to (`normalise/parse-record.ts`), for whoever reads it next; absent where nobody has parsed it. */
  readonly parsed?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What later states of the object are compared with, as text (`normalise/tracked-state.ts`): severity, status,
   * classification, determination, owner and evidence. Undefined where the kind has no later states.
   */
  readonly tracked?: string | undefined;
}

/** The source that the connector's own events come from; no configured source may have this name. */
export const connectorSource = 'connector';
