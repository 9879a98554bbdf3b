import type { Listed } from '../runtime/listed.ts';
import type { Format } from './format.ts';

/** Every format, by the name that the configuration gives it. A new one is one file and one line here. */
export const formats: readonly Listed<Format>[] = [
  { name: 'cef', load: async () => (await import('./cef/cef.ts')).cef },
  { name: 'leef', load: async () => (await import('./leef/leef.ts')).leef },
  { name: 'json', load: async () => (await import('./json/json.ts')).json },
  { name: 'ecs', load: async () => (await import('./ecs/ecs.ts')).ecs },
  { name: 'ocsf', load: async () => (await import('./ocsf/ocsf.ts')).ocsf },
];
