import { type Expression, parseEval, partsOf } from './eval-expression.ts';
import { arity } from './eval-functions.ts';
import { filterTokens } from './event-filter.ts';

/** What a search may name besides what it makes itself. */
export interface SearchWorld {
  /** Macros by name, with their definitions. */
  readonly macros: ReadonlyMap<string, string>;
  /** Fields that the events have. */
  readonly fields: ReadonlySet<string>;
}

/** Fields of which a command's result consists; undefined for all that events have. */
type Known = Set<string> | undefined;

const aggregates = [
  'avg',
  'count',
  'dc',
  'earliest',
  'first',
  'last',
  'latest',
  'max',
  'min',
  'sum',
  'values',
];

/** Fields that every event has, and those that Splunk adds. */
const ownFields = [
  '_index_earliest',
  '_time',
  '_raw',
  'host',
  'source',
  'sourcetype',
  'index',
  'eventtype',
  'tag',
  'count',
];

/**
 * Reads a search of SPL and returns what is wrong with it: quotes and brackets that do not close, macros that are not
 * defined, commands and functions that are not known or are given what they do not take, fields that nothing makes.
 */
export function problemsOfSearch(spl: string, world: SearchWorld): readonly string[] {
  try {
    const stages = stagesOf(expanded(spl, world.macros));
    return problemsOfStages(stages, world, undefined, true);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function problemsOfStages(
  stages: readonly string[],
  world: SearchWorld,
  before: Known,
  first: boolean,
): readonly string[] {
  let known = before;
  const problems: string[] = [];
  for (const [index, stage] of stages.entries()) {
    const command = first && index === 0 ? 'search' : (/^\w+/.exec(stage)?.[0] ?? '');
    const rest = command === 'search' ? stage.replace(/^search\s/, '') : stage.slice(command.length).trim();
    const reader = commands[command];
    if (reader === undefined) {
      problems.push(`the command '${command}' is not known here`);
      continue;
    }
    const { used, made, problems: own = [] } = reader(rest, known, world);
    const missing = used.filter((field) => !isThere(field, known, world));
    problems.push(...own, ...missing.map((field) => `${command}: nothing makes the field '${field}'`));
    known = made;
  }
  return problems;
}

interface Read {
  readonly used: readonly string[];
  readonly made: Known;
  readonly problems?: readonly string[];
}

const commands: Readonly<Record<string, (rest: string, known: Known, world: SearchWorld) => Read>> = {
  search: (rest, known) => ({
    used: filterTokens(rest).flatMap((token) => (typeof token === 'string' ? [] : [token.field])),
    made: known,
  }),
  where: (rest, known) => ({ ...inExpression(parseEval(rest)), made: known }),
  eval: (rest, known, world) => {
    const read = partsAt(rest, ',').map((assignment) => {
      const [, field = '', expression = ''] = /^\s*(\w+)\s*=([\s\S]*)$/.exec(assignment) ?? [];
      if (field === '') throw new Error(`eval: no assignment: ${assignment}`);
      return { field, ...inExpression(parseEval(expression)) };
    });
    const made = read.map(({ field }) => field);
    return {
      used: read.flatMap(({ used }, index) => used.filter((field) => !made.slice(0, index).includes(field))),
      made: new Set([...(known ?? world.fields), ...ownFields, ...made]),
      problems: read.flatMap(({ problems }) => problems),
    };
  },
  stats: (rest) => aggregated(rest, /^$/),
  timechart: (rest) => ({ ...aggregated(rest, /^limit=\d+$/), made: undefined }),
  streamstats: (rest, known, world) => {
    const read = aggregated(rest, /^(?:current=[tf]|window=\d+)$/);
    return { ...read, made: new Set([...(known ?? world.fields), ...ownFields, ...(read.made ?? [])]) };
  },
  appendpipe: (rest, known, world) => {
    const inner = /^\[([\s\S]*)\]$/.exec(rest.trim())?.[1];
    if (inner === undefined) throw new Error('appendpipe takes a pipeline in brackets');
    return { used: [], made: known, problems: problemsOfStages(stagesOf(inner), world, known, false) };
  },
  sort: (rest, known) => {
    const fields = rest
      .replace(/^\d+\s+/, '')
      .split(/[\s,]+/)
      .filter((word) => word !== '-' && word !== '+');
    return { used: fields.map((field) => field.replace(/^[-+]/, '')), made: known };
  },
  dedup: (rest, known) => ({
    used: words(rest.replace(/\bsortby\b/, '')).map((field) => field.replace(/^[-+]/, '')),
    made: known,
  }),
  table: (rest) => ({ used: words(rest), made: new Set(words(rest)) }),
  fields: (rest, known) => ({ used: words(rest.replace(/^[-+]\s*/, '')), made: known }),
};

/** Reads `count max(x) AS y BY a b`, with options of this shape before it. */
function aggregated(rest: string, option: RegExp): Read {
  const [before = '', by = ''] = rest.split(/\s+BY\s+/i);
  const list = /(?<option>\w+=\S+)|(?<name>\w+)(?:\((?<of>\w+)\))?(?:\s+AS\s+(?<as>\w+))?/gi;
  const used: string[] = words(by);
  const made = new Set<string>(words(by));
  const problems: string[] = [];
  for (const { groups = {} } of before.matchAll(list)) {
    const { option: given, name = '', of, as } = groups;
    if (given !== undefined) {
      if (!option.test(given)) problems.push(`the option ${given} is not known here`);
      continue;
    }
    if (!aggregates.includes(name)) problems.push(`the aggregate '${name}' is not known here`);
    if (of === undefined && name !== 'count') problems.push(`${name} needs a field`);
    if (of !== undefined) used.push(of);
    made.add(as ?? (of === undefined ? name : `${name}(${of})`));
  }
  return { used, made, problems };
}

function inExpression(expression: Expression): {
  readonly used: readonly string[];
  readonly problems: string[];
} {
  const parts = partsOf(expression);
  return {
    used: parts.flatMap((part) => (part.kind === 'field' ? [part.name] : [])),
    problems: parts.flatMap((part) =>
      part.kind === 'call' ? problemsOfCall(part.name, part.args.length) : [],
    ),
  };
}

/** Returns what is wrong with a function of eval and the number of its arguments. */
export function problemsOfCall(name: string, args: number): readonly string[] {
  const range = arity(name);
  if (range === undefined) return [`the function ${name}() is not known here`];
  const [fewest, most] = range;
  return args < fewest || args > most ? [`${name}() does not take ${args} arguments`] : [];
}

function isThere(field: string, known: Known, world: SearchWorld): boolean {
  if (known !== undefined) return known.has(field);
  return world.fields.has(field) || ownFields.includes(field);
}

function words(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => word !== '');
}

/** Puts each macro's definition in its place. Throws at one that is not defined, or at a backtick that does not close. */
function expanded(spl: string, macros: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 5) throw new Error('macros that name each other');
  const text = spl.replaceAll(/`([^`]*)`/g, (_whole, name: string) => {
    const definition = macros.get(name.trim());
    if (definition === undefined) throw new Error(`the macro \`${name}\` is not defined`);
    return expanded(definition, macros, depth + 1);
  });
  if (text.includes('`')) throw new Error('a backtick does not close');
  return text;
}

function stagesOf(spl: string): readonly string[] {
  return partsAt(spl, '|').map((stage) => stage.trim());
}

/** Divides at a character outside of quotes, brackets and parentheses. Throws where one of these does not close. */
function partsAt(text: string, divider: string): readonly string[] {
  const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']' };
  const open: string[] = [];
  const parts = [''];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[\s\S]/g)) {
    if (token === '"') throw new Error('a quote does not close');
    const closes = closing[token];
    if (closes !== undefined) open.push(closes);
    if ((token === ')' || token === ']') && open.pop() !== token) throw new Error(`a ${token} is too much`);
    if (token === divider && open.length === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + token);
  }
  if (open.length > 0) throw new Error(`a ${open.at(-1)} is missing`);
  return parts;
}
