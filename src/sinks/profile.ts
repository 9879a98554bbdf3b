/** What one product needs of a sink, set by `profile: <name>`; whatever the configuration says itself goes before it. */
export interface SinkProfile {
  /** The word of the configuration. */
  readonly name: string;
  /** The sink type that it belongs to. */
  readonly sinkType: string;
  /** Which receiver it is for, in half a sentence, for the reference page. */
  readonly receiver: string;
  /** What it decides, in the order of the reference page. */
  readonly settings: readonly ProfileSetting[];
}

/** One decision of a profile. */
export interface ProfileSetting {
  /** Key of the sink as in the configuration; a key within another after a dot: `leef.delimiter`. */
  readonly key: string;
  /** The value as it would be written in the file. */
  readonly value: string | number | boolean;
  /** Why this receiver needs it, and where that stands. */
  readonly why: string;
}
