import { ConnectorError } from '../errors.ts';

/** The way to a place in the file: keys, and positions in lists. */
export type Path = readonly PropertyKey[];

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** As an operator writes it: `sources[0].every`; `(file)` for the file as a whole. */
  readonly path: string;
  /** What is wrong and what would be right; never a credential, nor what a reference stands for. */
  readonly message: string;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Returns `path: message (line N)`. */
export function problemText({ path, message, line }: Problem): string {
  return `${path}: ${message} (line ${line})`;
}

/** Returns a path as an operator writes it: `sources[0].every`; `(file)` for the file as a whole. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? '(file)' : text.replace(/^\./, '');
}

/** A configuration that cannot be used: CONFIG_INVALID with all that is wrong with it, in the order of the lines. */
export class ConfigProblems extends ConnectorError {
  readonly problems: readonly Problem[];

  /** `file` is the configuration's path as the operator named it. */
  constructor(file: string, problems: readonly Problem[]) {
    const ordered = problems.toSorted((a, b) => a.line - b.line || a.path.localeCompare(b.path));
    const count = ordered.length === 1 ? 'a problem' : `${ordered.length} problems`;
    super(
      'CONFIG_INVALID',
      [`${file} has ${count}:`, ...ordered.map((each) => `  ${problemText(each)}`)].join('\n'),
    );
    this.name = 'ConfigProblems';
    this.problems = ordered;
  }
}
