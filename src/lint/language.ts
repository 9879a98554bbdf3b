/** Something wrong with a message. */
export interface Finding {
  /** `error`: the standard forbids it, or a reader takes the message for another one; `warning`: some readers stumble. */
  readonly level: 'error' | 'warning';
  /** Where in the message: a field, a path, or an offset in characters from 0 on; undefined for the message as a whole. */
  readonly at: string | undefined;
  /** What is wrong and what to write instead, in one sentence. */
  readonly message: string;
  /** The rule's source: `RFC 5424 §6.3.3`, `CEF §…`, `OCSF 1.8.0 detection_finding`. */
  readonly rule: string;
}

/** A language of messages, with a strict reader of it: written from its standard, and of one mind with no formatter. */
export interface Language {
  /** As `--as` names it: cef, leef, rfc5424, rfc3164, json, ecs, ocsf. */
  readonly name: string;
  /** True of a text that is meant to be in this language, however badly. */
  recognises(text: string): boolean;
  /** Returns everything that is wrong with one message; none for a good one. Throws nothing, whatever the text is. */
  lint(text: string): readonly Finding[];
  /** Of a language whose messages carry others: what the text carries, as far as it can be told; empty for nothing. */
  payload?(text: string): string;
}
