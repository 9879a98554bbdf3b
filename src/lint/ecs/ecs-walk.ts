/** All that stands under one path of a document. */
export interface PathFacts {
  /** Names from the document on with dots, whether they were nested or written with dots. */
  readonly path: string;
  /** Values, those of lists one by one; null left out. */
  readonly values: unknown[];
  /** Objects stand here, in lists or not. */
  object: boolean;
  /** Lists stand here. */
  list: boolean;
  /** Something stands here that is no list. */
  single: boolean;
  /** Some null stands here. */
  empty: boolean;
  /** The ways in which the path is written, as `a.b` or `a` `b`: more than one is a repeat. */
  readonly spellings: Set<string>;
}

/** A document taken apart by paths. */
export interface Walked {
  readonly paths: ReadonlyMap<string, PathFacts>;
  /** A path that is deeper than was looked. */
  readonly tooDeep: string | undefined;
}

/** Objects within objects that an index takes (formats reference §6.1, `depth.limit`). */
export const maxDepth = 20;

const separator = '\0';

/** Takes a document apart; `opaque` tells of paths below which nothing is a field of its own. */
export function walk(document: object, opaque: (path: string) => boolean): Walked {
  const paths = new Map<string, PathFacts>();
  let tooDeep: string | undefined;

  const factsOf = (path: string, spelling: string): PathFacts => {
    let found = paths.get(path);
    if (found === undefined) {
      found = {
        path,
        values: [],
        object: false,
        list: false,
        single: false,
        empty: false,
        spellings: new Set(),
      };
      paths.set(path, found);
    }
    found.spellings.add(spelling);
    return found;
  };

  const members = (object: object, path: string, spelling: string, depth: number): void => {
    for (const [name, value] of Object.entries(object)) {
      const below = path === '' ? name : `${path}.${name}`;
      const spelled = path === '' ? name : `${spelling}${separator}${name}`;
      const facts = factsOf(below, spelled);
      if (Array.isArray(value)) facts.list = true;
      else facts.single = true;
      visit(value, facts, spelled, depth + name.split('.').length);
    }
  };

  const visit = (value: unknown, facts: PathFacts, spelling: string, depth: number): void => {
    if (depth > maxDepth) tooDeep ??= facts.path;
    else if (Array.isArray(value))
      for (const element of value.flat(maxDepth)) visit(element, facts, spelling, depth);
    else if (value === null) facts.empty = true;
    else if (typeof value !== 'object') facts.values.push(value);
    else {
      facts.object = true;
      if (!opaque(facts.path)) members(value, facts.path, spelling, depth);
    }
  };

  members(document, '', '', 0);
  return { paths, tooDeep };
}
