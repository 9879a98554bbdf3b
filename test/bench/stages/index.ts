import type { Stage } from '../stage.ts';
import { accept } from './accepting.ts';
import { delivering } from './delivering.ts';
import { floor, ownFloor } from './floor.ts';
import { formatting } from './formatting.ts';
import { plain } from './plain.ts';
import { identify, normaliseAll, parse, split } from './reading.ts';
import { whole } from './whole.ts';

/** Every stage, in the order of the table. */
export const stages: readonly Stage[] = [
  floor,
  ownFloor,
  split,
  parse,
  identify,
  normaliseAll,
  accept,
  ...formatting,
  ...delivering,
  plain,
  ...whole,
];
