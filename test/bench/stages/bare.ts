import type { Stage } from '../stage.ts';
import { floor, ownFloor } from './floor.ts';
import { plain } from './plain.ts';

/** The stages without any code of ours: a process that measures one of them loads nothing else. */
export const bareStages: readonly Stage[] = [floor, ownFloor, plain];
