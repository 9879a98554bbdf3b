import type { z } from 'zod';
import type { SecurityEvent } from '../event.ts';

/** An event as written for one sink. */
export type Formatted =
  | {
      readonly kind: 'formatted';
      /** One line, without its line end. */
      readonly text: string;
      /**
       * Names of what was left out or cut to fit (formats reference §4.8), as the record tells them: the last is `…` when
       * there was no room for all. Empty when the event is whole.
       */
      readonly truncated: readonly string[];
    }
  | {
      /** Not even the fields that are never removed fit: a dead letter. */
      readonly kind: 'oversize';
      readonly reason: string;
    };

/**
 * Writes an event as one line of at most `maxBytes` bytes of UTF-8 (`Infinity` for no limit), leaving out whole
 * fields in the documented order where it must. Pure, and total: it throws for no event.
 */
export type Formatter = (event: SecurityEvent, maxBytes: number) => Formatted;

/** A field that a format can write, for the templates, parsers and tables that must name exactly these. */
export interface FormatField {
  /** The key as written; of a format with nested objects the path with dots, `[]` behind each list. */
  readonly name: string;
  /** What a custom key means; undefined where the name says it. */
  readonly label?: string | undefined;
  /** Number of the fact that it carries (formats reference §11); undefined for a fact without one. */
  readonly fact: number | undefined;
  /** Its type in the format's own words: `keyword`, `ip`, `datetime`; undefined where the format knows text alone. */
  readonly type?: string | undefined;
}

/** A format: its name in the configuration, its options, and how to make its formatter. */
export interface Format<Options extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Options that a sink with this format takes beside its own, such as LEEF's version. */
  readonly options: Options;
  /** MIME type of one message. */
  readonly contentType: string;
  /** Every field that it can write, of whatever kind of event, in the order written; none where records stay verbatim. */
  readonly fields: readonly FormatField[];
  create(options: z.output<Options>): Formatter;
}
