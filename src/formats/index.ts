import { cef } from './cef.ts';
import type { Format } from './format.ts';
import { json } from './json.ts';
import { leef } from './leef.ts';

/** Every format, by the name that the configuration gives it. */
export const formats: readonly Format[] = [cef, leef, json];

/** Returns the format of that name, or undefined when there is none. */
export function formatNamed(name: string): Format | undefined {
  return formats.find((format) => format.name === name);
}
