import { z } from 'zod';
import type { Format } from '../format.ts';
import { oneLine } from '../json-text.ts';
import { fits, shrink } from '../size-budget.ts';
import { shrinkableJson } from './json-shrinkable.ts';

const jsonOptions = z.strictObject({});
const whole: readonly string[] = [];

/** The record as Microsoft sent it, on one line (design §1); where it is too long, without some of its members. */
export const json: Format<typeof jsonOptions> = {
  name: 'json',
  options: jsonOptions,
  contentType: 'application/json',
  fields: [],
  create: () => (event, maxBytes) => {
    const text = oneLine(event.json);
    if (fits(text, maxBytes)) return { kind: 'formatted', text, truncated: whole };
    const record = shrinkableJson(event, text);
    if (record !== undefined) return shrink(record, maxBytes);
    return { kind: 'oversize', reason: `the record is longer than ${maxBytes} bytes and is no JSON object` };
  },
};
