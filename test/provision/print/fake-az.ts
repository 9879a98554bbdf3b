import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryClient } from '../../simulator/directory-bench.ts';
import type { Json } from '../../simulator/support.ts';

/** An `az` in a folder: `az account show` and `az rest`, with the few forms of JMESPath that the scripts use. */
export interface FakeAz extends AsyncDisposable {
  /** Returns the changes of the directory that were asked for since this was asked last. */
  changes(): readonly string[];
}

/** The executable only passes its arguments on, and prints what it is told: a process of Node's for each would be slow. */
const program = `#!/bin/sh
here=$(dirname "$0")
for word; do printf '%s\\0' "$word"; done >"$here/asked"
{ read -r status; cat; } <"$here/told"
exit "$status"
`;

/** Writes the executable; what it is asked goes to the Graph of this directory. */
export function startFakeAz(folder: string, directory: DirectoryClient, tenantId: string): FakeAz {
  const [asked, told] = [join(folder, 'asked'), join(folder, 'told')];
  execFileSync('mkfifo', [asked, told]);
  writeFileSync(join(folder, 'az'), program);
  chmodSync(join(folder, 'az'), 0o755);
  let changes: string[] = [];
  const serving = serve();
  return {
    changes() {
      const made = changes;
      changes = [];
      return made;
    },
    async [Symbol.asyncDispose]() {
      await writeFile(asked, '');
      await serving;
    },
  };

  async function serve(): Promise<void> {
    for (;;) {
      const words = (await readFile(asked, 'utf8')).split('\0').slice(0, -1);
      if (words.length === 0) return;
      const told1 = await answerTo(words).catch((error: unknown) => `1\n${String(error)}\n`);
      await writeFile(told, told1);
    }
  }

  /** Returns the exit code and, on the lines behind it, what is printed. */
  async function answerTo([group, ...words]: readonly string[]): Promise<string> {
    const options = optionsOf(group === 'account' ? words.slice(1) : words);
    if (group === 'account') return printed({ tenantId }, options);
    if (group !== 'rest') throw new Error(`no command ${group}`);
    const { method = '', url = '', body } = options;
    const root = 'https://graph.microsoft.com/v1.0';
    if (!url.startsWith(`${root}/`) || options.resource !== 'https://graph.microsoft.com') {
      throw new Error(`not Graph: ${url}`);
    }
    if (body !== undefined && options.headers !== 'Content-Type=application/json') throw new Error('no type');
    if (method !== 'GET') changes.push(`${method} ${url.slice(root.length)}`);
    const path = url.slice(root.length);
    const reply = await directory.send(method, path, body === undefined ? undefined : JSON.parse(body));
    if (reply.status >= 300) return `1\n${reply.text}\n`;
    return printed(reply.text === '' ? {} : reply.json(), options);
  }
}

type Options = Readonly<Record<string, string>>;

/** The Azure CLI reads a word that begins with `@` from a file of that name. */
function optionsOf(words: readonly string[]): Options {
  const options: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 2) {
    const [name = '', value = ''] = words.slice(index, index + 2);
    if (!name.startsWith('--') || value.startsWith('@')) throw new Error(`not an option: ${name} ${value}`);
    options[name.slice(2)] = value;
  }
  return options;
}

function printed(value: Json, { output, query }: Options): string {
  if (output === 'none') return '0\n';
  const found = query === undefined ? value : search(value, query);
  return `0\n${output === 'json' ? JSON.stringify(found ?? null, undefined, 2) : (found ?? '')}\n`;
}

/** `field`, `list[1].field`, `list[?a=='x' && b!='y']`, with `.field | [0]` behind it. */
function search(value: Json, query: string): unknown {
  const parts = /^(\w+)(?:\[\?(.*?)\]|\[(\d+)\])?(?:\.(\w+))?(?: \| \[0\])?$/s.exec(query);
  if (parts === null) throw new Error(`not understood: ${query}`);
  const [, name = '', filter, index, field = ''] = parts;
  if (filter === undefined && index === undefined) return value[name];
  const list = value[name] as Json[];
  if (index !== undefined) return list[Number(index)]?.[field];
  const terms = (filter ?? '').split(' && ').map((term) => /^(\w+)([!=]=)'(.*)'$/s.exec(term) ?? []);
  const found = list.filter((entry) =>
    terms.every(([, key = '', sign, text = '']) => {
      const same = entry[key] === text.replaceAll(/\\(['\\])/g, '$1');
      return same === (sign === '==');
    }),
  );
  return field === '' ? found : found[0]?.[field];
}
