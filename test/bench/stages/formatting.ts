import type { SecurityEvent } from '../../../src/event.ts';
import type { Format, Formatter } from '../../../src/formats/format.ts';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { parts } from '../../../src/parts.ts';
import type { Pages } from '../records.ts';
import type { Stage } from '../stage.ts';
import { textsOf } from './reading.ts';

/** The events of all pages. */
export function eventsOf({ kind, files }: Pages): readonly SecurityEvent[] {
  return textsOf(files).map((text) => normalise(recordOf(kind, text), {}));
}

/** Returns a format with its own defaults. */
export function formatterOf(format: Format): Formatter {
  return format.create(format.options.parse({}));
}

/** Each event to one line, by each format that there is. */
export const formatting: readonly Stage[] = parts.formats.map((format) => ({
  name: `format-${format.name}`,
  title: `format as ${format.name}`,
  prepare: async ({ pages }) => {
    const events = eventsOf(pages);
    const formatter = formatterOf(format);
    return () => {
      for (const event of events) formatter(event, Number.POSITIVE_INFINITY);
      return events.length;
    };
  },
}));
