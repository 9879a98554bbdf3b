import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commands } from '../../src/commands/index.ts';

/** Returns the command lines of `defender-siem` in a page, in blocks and in the text, without what is piped to or from them. */
export function commandLines(page: string): readonly string[] {
  const lines = page.matchAll(/(?:^\s*|[|&;]\s*|`)defender-siem ([a-z][^\n`|;#]*)/gm);
  return [...lines].map(([, line = '']) => line.trim());
}

/** Returns why a command line would not be understood; undefined for one that would. */
export async function commandProblem(line: string): Promise<string | undefined> {
  const [verb = '', ...args] = line.split(/\s+/);
  const entry = commands.find(({ name }) => name === verb);
  if (entry === undefined) return `no command ${verb}`;
  const { options, positionals } = await entry.load();
  try {
    parseArgs({
      args,
      options: { ...options, help: { type: 'boolean' } },
      allowPositionals: positionals !== undefined,
    });
    return undefined;
  } catch (error) {
    return `${line}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Returns the links of a page to files that are not there; links to headings of the page itself must have one. */
export function deadLinks(page: URL): readonly string[] {
  const text = readFileSync(page, 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [path = '', heading = ''] = target.split('#');
    const file = path === '' ? page : new URL(path, page);
    if (!existsSync(file)) return true;
    return heading !== '' && !headingsOf(readFileSync(file, 'utf8')).includes(heading);
  });
}

function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
