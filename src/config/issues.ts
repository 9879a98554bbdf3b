import type { z } from 'zod';
import { type JsonSchema, placeAt } from './json-schema.ts';
import type { Path } from './problems.ts';
import { nearest } from './suggest.ts';

/** What is wrong at one place, in plain words. */
export interface Complaint {
  readonly path: Path;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Names of zod's types for someone who writes YAML. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  null: 'empty',
  undefined: 'missing',
};

/** Stands for a message of zod's own: hand it to `safeParse`, so that a schema's own words can be told from them. */
export const unworded = '\u0000';

/** Kinds of text for which a name of the type alone would not help, as an example to follow. */
const kindNames: Readonly<Record<string, string>> = {
  duration: 'text such as 30s',
  listenAddress: 'text such as 127.0.0.1:9464',
};

/** Returns what zod found wrong with `value` in plain words: the schema's own where it has some. */
export function complaintsOf(issues: readonly Issue[], value: unknown, schema: JsonSchema): Complaint[] {
  return issues.flatMap((issue) => complaints(issue, value, schema, []));
}

function complaints(issue: Issue, root: unknown, schema: JsonSchema, above: Path): Complaint[] {
  const path = [...above, ...issue.path];
  const value = valueAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(placeAt(schema, root, path)?.schema.properties ?? {});
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }));
  }
  if (value === undefined && issue.code !== 'custom') {
    // A missing key is missing, whatever else the schema would say of its value.
    return [{ path, message: `is missing${choicesOf(issue)}` }];
  }
  const kind = placeAt(schema, root, path)?.kind ?? '';
  if (kind === 'secret' && issue.code !== 'custom') {
    const message = value === '' ? 'is empty' : `must be text, not ${typeName(value)}: put it in quotes`;
    return [{ path, message }];
  }
  if (issue.message !== unworded) return [{ path, message: issue.message }];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return unionComplaints(issue.errors, root, schema, path);
  }
  const written = issue.code === 'invalid_type' ? kindNames[kind] : undefined;
  if (written !== undefined) return [{ path, message: `must be ${written}, not ${typeName(value)}` }];
  return [{ path, message: messageOf(issue, value) }];
}

/** Of a union's branches, the one that the value is of; else all that would do. */
function unionComplaints(
  branches: readonly Issue[][],
  root: unknown,
  schema: JsonSchema,
  path: Path,
): Complaint[] {
  const near = branches.filter((issues) => !issues.some(isOfAnotherKind));
  const meant = near.find((issues) => !issues.some(hasUnknownKeys)) ?? near[0];
  if (meant !== undefined) return meant.flatMap((issue) => complaints(issue, root, schema, path));
  const value = valueAt(root, path);
  const choices = branches.flat().flatMap(choiceNames);
  const types = branches.flat().flatMap((issue) => ('expected' in issue ? [typeOf(issue.expected)] : []));
  const expected = [...new Set(types)].join(' or ');
  if (choices.length === 0) return [{ path, message: `must be ${expected}, not ${typeName(value)}` }];
  return [{ path, message: mustBeOneOf(choices, value, expected) }];
}

/** Whether an issue says that the whole value is none of a branch's, not that something in it is wrong. */
function isOfAnotherKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function hasUnknownKeys({ code, path }: Issue): boolean {
  return path.length === 0 && code === 'unrecognized_keys';
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int' && typeof value === 'number') return 'must be a whole number';
      return `must be ${typeOf(issue.expected)}, not ${typeName(value)}`;
    case 'invalid_value':
    case 'invalid_union':
      return mustBeOneOf(choiceNames(issue), value);
    case 'too_small':
      if (issue.origin === 'string') return 'is empty';
      return issue.origin === 'array' ? 'must have an entry' : `must be at least ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `must have at most ${issue.maximum} characters`;
      return issue.origin === 'array'
        ? `must have at most ${issue.maximum} entries`
        : `must be at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'must be a URL, such as https://host:port' : `is no ${issue.format}`;
    default:
      return 'is not valid here';
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== undefined) return `unknown key: did you mean \`${near}\`?`;
  return known.length === 0
    ? 'unknown key: none is taken here'
    : `unknown key: known here are ${known.join(', ')}`;
}

function choicesOf(issue: Issue): string {
  const names = choiceNames(issue);
  return names.length === 0 ? '' : `: one of ${names.join(', ')}`;
}

function choiceNames(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union' || !('options' in issue) || !Array.isArray(issue.options)) return [];
  return issue.options.filter((option) => option !== undefined).map(String);
}

function mustBeOneOf(choices: readonly string[], value: unknown, orElse = ''): string {
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  const known = `${choices.join(', ')}${orElse === '' ? '' : `, or ${orElse}`}`;
  const among = choices.length === 1 ? known : `one of ${known}`;
  return `must be ${among}${near === undefined ? '' : `: did you mean \`${near}\`?`}`;
}

function typeOf(expected: string): string {
  return typeNames[expected] ?? expected;
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  return typeOf(Array.isArray(value) ? 'array' : typeof value);
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  return value;
}
