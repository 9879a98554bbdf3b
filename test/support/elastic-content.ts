import { readFileSync } from 'node:fs';
import type { ElasticServer } from './elastic-server.ts';

const folder = new URL('../../connectors/elastic/', import.meta.url);

/** Returns a file of the connector's content, parsed. */
export function asset(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`assets/${name}`, folder), 'utf8'));
}

/** One request of install.sh: `PUT <path>` with a file, or `DELETE <path>`. */
export interface InstallStep {
  readonly verb: 'put' | 'delete';
  readonly path: string;
  readonly file: string | undefined;
}

/** Returns the requests that install.sh makes for one of its words, in order. */
export function installSteps(word: string): readonly InstallStep[] {
  const script = readFileSync(new URL('install.sh', folder), 'utf8');
  const branch = new RegExp(`^${word}\\)\n([\\s\\S]*?)\n {2};;`, 'm').exec(script)?.[1] ?? '';
  return [...branch.matchAll(/^ {2}(put|delete) (\S+)(?: (\S+))?$/gm)].map(([, verb, path = '', file]) => ({
    verb: verb === 'put' ? 'put' : 'delete',
    path,
    file,
  }));
}

/** Puts the content into a server as install.sh does. */
export function installContent(server: ElasticServer): void {
  for (const { path, file = '' } of installSteps('install')) {
    const body = asset(file);
    if (/^_(component|index)_template\//.test(path)) server.put(path, body);
  }
}
