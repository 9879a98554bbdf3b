import { catalogue } from './catalogue.ts';
import { everyPart } from './config/named-parts.ts';
import type { ConfigParts } from './config/schema.ts';

/** Every part of the catalogue, loaded: for those who tell of all of them. */
export const parts: ConfigParts = await everyPart(catalogue);
