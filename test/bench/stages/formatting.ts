import { catalogue } from '../../../src/catalogue.ts';
import type { SecurityEvent } from '../../../src/event.ts';
import type { Format, Formatter } from '../../../src/formats/format.ts';
import { normalise } from '../../../src/normalise/index.ts';
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
export const formatting: readonly Stage[] = catalogue.formats.map(({ name, load }) => ({
  name: `format-${name}`,
  title: `format as ${name}`,
  prepare: async ({ pages: { kind } }) => {
    const formatter = formatterOf(await load());
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
