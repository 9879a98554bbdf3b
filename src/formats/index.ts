import { cef } from './cef/cef.ts';
import { ecs } from './ecs/ecs.ts';
import type { Format } from './format.ts';
import { json } from './json/json.ts';
import { leef } from './leef/leef.ts';
import { ocsf } from './ocsf/ocsf.ts';

/** Every format, by the name that the configuration gives it. */
export const formats: readonly Format[] = [cef, leef, json, ecs, ocsf];
