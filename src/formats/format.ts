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

/** A format: its name in the configuration, its options, and how to make its formatter. */
export interface Format<Options extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Options that a sink with this format takes beside its own, such as LEEF's version. */
  readonly options: Options;
  /** MIME type of one message. */
  readonly contentType: string;
  create(options: z.output<Options>): Formatter;
}
