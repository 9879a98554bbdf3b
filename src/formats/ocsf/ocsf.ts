import { z } from 'zod';
import type { Format } from '../format.ts';
import { fits, shrink } from '../size-budget.ts';
import { assemble } from './assemble.ts';
import { bodyOf } from './body.ts';
import { ocsfVersions } from './draft.ts';
import { EventDraft, type Written } from './event-draft.ts';
import { ocsfFields } from './fields.ts';
import type { Truncation } from './metadata.ts';
import { type Rest, shrinkableEvent } from './shrinkable.ts';

const ocsfOptions = z.strictObject({
  version: z
    .enum(ocsfVersions)
    .default('1.8.0')
    .describe('Version of the OCSF schema that events are written by: the newest that the receiver knows.'),
  raw: z
    .boolean()
    .default(false)
    .describe('Whether each event repeats the record as Microsoft sent it, in `raw_data`.'),
});

const nothing: readonly string[] = [];

/**
 * OCSF (formats reference §8): each record as an event of the class that it is of, valid against the schema: a value
 * that its attribute does not take stands under `unmapped`.
 */
export const ocsf: Format<typeof ocsfOptions> = {
  name: 'ocsf',
  options: ocsfOptions,
  contentType: 'application/json',
  fields: ocsfFields,
  create: ({ version, raw }) => {
    const write = (rest: Rest, written: Written, truncation: Truncation | undefined): string => {
      const draft = new EventDraft(rest.event, version, written);
      return assemble(draft, bodyOf(draft, rest.alerts), { ...rest, truncation });
    };
    return (event, maxBytes) => {
      const written: Written = { evidence: undefined, alerts: undefined };
      const whole: Rest = { event, raw, observables: true, alerts: Number.POSITIVE_INFINITY };
      const text = write(whole, written, undefined);
      if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: nothing };
      written.evidence = new WeakMap();
      const truncation = { untruncated: Buffer.byteLength(text) };
      const held = { ...whole, alerts: written.alerts?.length ?? 0 };
      return shrink(
        shrinkableEvent(held, (rest) => write(rest, written, truncation)),
        maxBytes,
      );
    };
  },
};
