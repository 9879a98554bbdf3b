import {
  type ErrorCode,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { type Path, type Problem, pathText } from './problems.ts';

/** A YAML text, read. */
export interface YamlFile {
  /** What it says, as plain values; of no use when there are problems. */
  readonly value: unknown;
  /** Syntax errors and repeated keys. */
  readonly problems: readonly Problem[];
  /** Line of the place, or of the nearest place above it that is in the file. */
  lineOf(path: Path): number;
}

/** What a syntax error means. The parser's own words can quote the text, and so a credential: they are not used. */
const words: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'is indented with a tab: YAML takes spaces only',
  BAD_INDENT: 'is not indented as its neighbours are',
  MULTIPLE_DOCS: 'begins a second document: a configuration is one',
  MISSING_CHAR: 'lacks a closing quote, bracket, comma or colon, or one stands in the wrong place',
  BAD_ALIAS: 'refers to an anchor that is not there',
  BAD_DQ_ESCAPE: 'has an escape that YAML does not know: use single quotes for a text with backslashes',
  BAD_SCALAR_START: 'begins with a character that YAML reserves: put the text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has a second `: ` in one line: put the text in quotes, or indent it',
  MULTILINE_IMPLICIT_KEY: 'is no `key: value`: is the colon missing?',
};

const otherSyntax = 'is not valid YAML: look for a missing colon, quote or bracket';
/** A reference without quotes in a group or list on one line, where its brace is one more to YAML. */
const bareReference = /(?:^|[^$])[[{].*[[{,:]\s*\$\{|(?:^|[^$])[[{]\s*\$\{/;
const bareReferenceWords =
  'has a reference within { } or [ ] that is not in quotes: write "${env:NAME}" or "${file:PATH}"';

/** Returns what is wrong with the syntax, once a line. What a bare reference leads to further on is not repeated. */
function syntaxProblems(
  errors: readonly { readonly code: ErrorCode; readonly line: number }[],
  lines: readonly string[],
): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const { code, line } of errors) {
    if (byLine.has(line)) continue;
    const bare = bareReference.test(lines[line - 1] ?? '');
    const message = bare ? bareReferenceWords : (words[code] ?? otherSyntax);
    byLine.set(line, { path: '(file)', message, line });
  }
  const problems = [...byLine.values()];
  const bare = problems.filter(({ message }) => message === bareReferenceWords);
  const [first] = bare;
  return first === undefined ? problems : [...problems.filter(({ line }) => line < first.line), ...bare];
}

/** Reads YAML 1.2, keeping lines for messages. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const problems: Problem[] = [];

  const errors = document.errors.map(({ code, pos }) => ({ code, line: lineAt(pos[0]) }));
  problems.push(...syntaxProblems(errors, text.split('\n')));

  visit(document, {
    Map(_key, map, ancestors) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          const path = pathText([...pathOf([...ancestors, map]), name]);
          problems.push({ path, message: 'stands here a second time', line: lineAt(key.range?.[0] ?? 0) });
        }
        seen.add(name);
      }
    },
  });

  return {
    value: problems.length === 0 ? plainValue() : undefined,
    problems,
    lineOf: (path) => lineAt(offsetOf(document.contents, path)),
  };

  function plainValue(): unknown {
    try {
      const value = document.toJS() as unknown;
      // Throws for an alias within its own anchor, which YAML allows and which has no end.
      JSON.stringify(value);
      return value;
    } catch {
      // The parser has a bound on aliases of aliases, which would fill the memory.
      const message = 'uses too many YAML aliases, or one within its own anchor';
      problems.push({ path: '(file)', message, line: 1 });
      return undefined;
    }
  }

  function offsetOf(root: Node | null, path: Path): number {
    let node: unknown = root;
    let offset = firstOffset(root);
    for (const part of path) {
      const parent = (node as { resolve?: (doc: unknown) => unknown } | null)?.resolve?.(document) ?? node;
      if (isMap(parent)) {
        const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
        if (pair === undefined) return offset;
        offset = firstOffset(pair.key);
        node = pair.value;
      } else if (isSeq(parent)) {
        node = parent.items[Number(part)];
        if (node === undefined) return offset;
        offset = firstOffset(node);
      } else {
        return offset;
      }
    }
    return offset;
  }
}

function firstOffset(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
}

/** Returns the way to the last of nested nodes, `nodes` from the document inwards. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, depth): Path => {
    const child = nodes[depth + 1];
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    if (isSeq(node)) return [node.items.indexOf(child)];
    return [];
  });
}
