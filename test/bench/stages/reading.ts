import { readFileSync } from 'node:fs';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { parseRecord } from '../../../src/normalise/parse-record.ts';
import { splitResponse } from '../../../src/normalise/split-response.ts';
import type { RecordKind, SourceRecord } from '../../../src/record.ts';
import type { Stage } from '../stage.ts';

/** Walks over the records of a page as a source does, each read when it is taken. */
export function* walkPage(kind: RecordKind, file: string): Generator<SourceRecord, void, undefined> {
  for (const { json, parsed } of splitResponse(readFileSync(file))) yield recordOf(kind, json, parsed);
}

/** The records of these pages. */
export function recordsOf(kind: RecordKind, files: readonly string[]): readonly SourceRecord[] {
  return files.flatMap((file) => [...walkPage(kind, file)]);
}

/** A page's bytes cut into its records, which parses them: the end of one is where its value ends. */
export const split: Stage = {
  name: 'split',
  title: 'read, split and parse',
  prepare: async () => ({
    page: (file) => () => {
      const walk = splitResponse(readFileSync(file));
      for (;;) {
        const { done, value } = walk.next();
        if (done) return value.count;
      }
    },
  }),
};

/** Each record's text into an object, as a backlog is read from the disk. */
export const parse: Stage = {
  name: 'parse',
  title: 'parse each by itself',
  prepare: async ({ pages }) => ({
    page: (file) => {
      const texts = recordsOf(pages.kind, [file]).map(({ json }) => json);
      return () => {
        for (const text of texts) parseRecord(text);
        return texts.length;
      };
    },
  }),
};

/** Each parsed record to its identity, as acceptance needs it. */
export const identify: Stage = {
  name: 'identify',
  title: 'identify',
  prepare: async ({ pages }) => ({
    page: (file) => {
      const records = recordsOf(pages.kind, [file]);
      return () => {
        for (const { json, parsed } of records) recordOf(pages.kind, json, parsed);
        return records.length;
      };
    },
  }),
};

/** Each parsed record to its event, as dispatch needs it. */
export const normaliseAll: Stage = {
  name: 'normalise',
  title: 'normalise',
  prepare: async ({ pages }) => ({
    page: (file) => {
      const records = recordsOf(pages.kind, [file]);
      return () => {
        for (const record of records) normalise(record, {});
        return records.length;
      };
    },
  }),
};
