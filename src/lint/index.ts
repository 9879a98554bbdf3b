import { cef } from './cef/cef.ts';
import { ecs } from './ecs/ecs.ts';
import { json } from './json/json.ts';
import type { Language } from './language.ts';
import { leef } from './leef/leef.ts';
import { ocsf } from './ocsf/ocsf.ts';
import { rfc3164 } from './syslog/rfc3164.ts';
import { rfc5424 } from './syslog/rfc5424.ts';

/**
 * Every language that messages can be checked in; a text is taken for the first that recognises it. Languages of JSON
 * documents stand before plain JSON, which recognises them all.
 */
export const languages: readonly Language[] = [rfc5424, rfc3164, leef, cef, ocsf, ecs, json];
