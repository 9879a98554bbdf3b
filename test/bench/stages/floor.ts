import { readFileSync } from 'node:fs';
import type { Stage, Work } from '../stage.ts';

const parsePages = async (): Promise<Work> => ({
  page: (file) => () => (JSON.parse(readFileSync(file, 'utf8')) as { value: unknown[] }).value.length,
});

/** What nothing can be faster than: the same bytes through `JSON.parse`, page by page. */
export const floor: Stage = {
  name: 'floor',
  title: '`JSON.parse` of the same bytes',
  plainNode: true,
  prepare: parsePages,
};

/** The same where V8 keeps its heap as small as the program tells it to. */
export const ownFloor: Stage = {
  name: 'floor-own',
  title: "the same with this program's settings of V8",
  prepare: parsePages,
};
