import type { SecurityEvent } from '../../../src/event.ts';
import type { Format, Formatter } from '../../../src/formats/format.ts';
import { normalise } from '../../../src/normalise/index.ts';
import { parts } from '../../../src/parts.ts';
import type { Pages } from '../records.ts';
import type { Stage } from '../stage.ts';
import { recordsOf } from './reading.ts';

/** The events of these pages. */
export function eventsOf({ kind, files }: Pick<Pages, 'kind' | 'files'>): readonly SecurityEvent[] {
  return recordsOf(kind, files).map((record) => normalise(record, {}));
}

/** Returns a format with its own defaults. */
export function formatterOf(format: Format): Formatter {
  return format.create(format.options.parse({}));
}

/** Each event to one line, by each format that there is. */
export const formatting: readonly Stage[] = parts.formats.map((format) => ({
  name: `format-${format.name}`,
  title: `format as ${format.name}`,
  prepare: async ({ pages: { kind } }) => {
    const formatter = formatterOf(format);
    return {
      page: (file) => {
        const events = eventsOf({ kind, files: [file] });
        return () => {
          for (const event of events) formatter(event, Number.POSITIVE_INFINITY);
          return events.length;
        };
      },
    };
  },
}));
