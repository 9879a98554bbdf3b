import type { Stage } from '../stage.ts';
import { accept } from './accepting.ts';
import { delivering } from './delivering.ts';
import { formatting } from './formatting.ts';
import { floor, identify, normaliseAll, parse, split } from './reading.ts';
import { plain, whole } from './whole.ts';

/** Every stage, in the order of the table. */
export const stages: readonly Stage[] = [
  floor,
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
