import { resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { readTextFile } from '../fields/secret-file.ts';

/** What references are resolved against. */
export interface ReferenceContext {
  /** Folder of the configuration file, where relative paths start. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A text with its references resolved. */
export interface ResolvedText {
  readonly text: string;
  /** Each reference with what it stands for, so that messages can name the one and hide the other. */
  readonly references: readonly Reference[];
  /** What is wrong with the references; `text` is of no use when there is any. */
  readonly problems: readonly string[];
}

/** A reference in a text. */
export interface Reference {
  /** As written: `${env:NAME}`. */
  readonly written: string;
  readonly value: string;
}

const pattern = /\$\$\{|\$\{(?:([^{}]*)\})?/g;
const variable = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const wholeFile = /^\$\{file:([^{}]+)\}$/;

/** Returns the path of a text that is wholly one `${file:PATH}`, resolved against the folder; undefined for any other. */
export function wholeFileReference(text: string, folder: string): string | undefined {
  const path = wholeFile.exec(text)?.[1];
  return path === undefined ? undefined : resolve(folder, path);
}

/**
 * Resolves `${env:NAME}`, `${env:NAME:-default}` (taken when the variable is not set, or empty, as in a shell) and
 * `${file:PATH}`, whose trailing line ends are left out; `$${` stands for `${` itself.
 */
export function resolveReferences(text: string, context: ReferenceContext): ResolvedText {
  const references: Reference[] = [];
  const problems: string[] = [];
  const resolved = text.replace(pattern, (written: string, inside: string | undefined) => {
    if (written === '$${') return '${';
    const value = inside === undefined ? undefinedReference(problems) : standsFor(inside, context, problems);
    if (value === undefined) return written;
    references.push({
      written: inside?.startsWith('env:') ? written.replace(/:-.*\}$/s, '}') : written,
      value,
    });
    return value;
  });
  return { text: resolved, references, problems };
}

function standsFor(inside: string, context: ReferenceContext, problems: string[]): string | undefined {
  if (inside.startsWith('file:')) return fileValue(inside.slice('file:'.length), context.folder, problems);
  const [, name, fallback] = variable.exec(inside) ?? [];
  if (name === undefined) return undefinedReference(problems);
  const value = Object.hasOwn(context.env, name) ? context.env[name] : undefined;
  if (fallback !== undefined && (value === undefined || value === '')) return fallback;
  if (value === undefined) {
    problems.push(`the environment variable ${name} is not set: set it, or write \${env:${name}:-default}`);
  }
  return value;
}

function fileValue(path: string, folder: string, problems: string[]): string | undefined {
  const absolute = resolve(folder, path);
  try {
    return readTextFile(absolute);
  } catch (error) {
    problems.push(unreadable(absolute, error));
    return undefined;
  }
}

/** Returns what to say of a file that cannot be read. */
export function unreadable(path: string, error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return `the file ${path} does not exist`;
  if (code === 'EACCES') return `the file ${path} may not be read by this user: look at its owner and mode`;
  return `the file ${path} cannot be read: ${messageOf(error)}`;
}

/** What stands in the braces is not repeated: a credential may happen to hold `${`. */
function undefinedReference(problems: string[]): undefined {
  problems.push(
    'has `${` that begins neither `${env:NAME}` nor `${file:PATH}`: write `$${` for a plain `${`',
  );
  return undefined;
}
