import { economyPart } from './economy-part.ts';
import { latencyPart } from './latency-part.ts';
import { memoryPart } from './memory-part.ts';
import type { Part } from './part.ts';
import { peersPart } from './peers-part.ts';
import { scalePart } from './scale-part.ts';
import { stagesPart } from './stages-part.ts';
import { startPart } from './start-part.ts';

/** Every part, in the order of the page. */
export const parts: readonly Part[] = [
  stagesPart,
  peersPart,
  latencyPart,
  startPart,
  economyPart,
  memoryPart,
  scalePart,
];
