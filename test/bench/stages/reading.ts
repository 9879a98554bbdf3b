import { readFileSync } from 'node:fs';
import { normalise, recordOf } from '../../../src/normalise/index.ts';
import { parseRecord } from '../../../src/normalise/parse-record.ts';
import { splitResponse } from '../../../src/normalise/split-response.ts';
import type { Stage } from '../stage.ts';

/** What nothing can be faster than: the same bytes through `JSON.parse`, page by page. */
export const floor: Stage = {
  name: 'floor',
  title: '`JSON.parse` of the same bytes',
  prepare:
    async ({ pages }) =>
    () => {
      let records = 0;
      for (const file of pages.files) {
        records += (JSON.parse(readFileSync(file, 'utf8')) as { value: unknown[] }).value.length;
      }
      return records;
    },
};

/** A page's text cut into the texts of its records. */
export const split: Stage = {
  name: 'split',
  title: 'read and split',
  prepare:
    async ({ pages }) =>
    () => {
      let records = 0;
      for (const file of pages.files) records += splitResponse(readFileSync(file, 'utf8')).records.length;
      return records;
    },
};

/** The records of all pages, split beforehand. */
export function textsOf(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => splitResponse(readFileSync(file, 'utf8')).records);
}

/** Each record's text into an object. */
export const parse: Stage = {
  name: 'parse',
  title: 'parse',
  prepare: async ({ pages }) => {
    const texts = textsOf(pages.files);
    return () => {
      for (const text of texts) parseRecord(text);
      return texts.length;
    };
  },
};

/** Each record's text to its identity, as acceptance needs it. */
export const identify: Stage = {
  name: 'identify',
  title: 'parse and identify',
  prepare: async ({ pages }) => {
    const texts = textsOf(pages.files);
    return () => {
      for (const text of texts) recordOf(pages.kind, text);
      return texts.length;
    };
  },
};

/** Each record to its event, as dispatch needs it. */
export const normaliseAll: Stage = {
  name: 'normalise',
  title: 'parse and normalise',
  prepare: async ({ pages }) => {
    const records = textsOf(pages.files).map((text) => recordOf(pages.kind, text));
    return () => {
      for (const record of records) normalise(record, {});
      return records.length;
    };
  },
};
