/** Where the values of a document stand in it: what is written between them, worked out once for all documents. */
export interface DocumentLayout {
  /** Returns the document with these values, one for each path and as JSON; empty for those that it does not have. */
  write(values: readonly string[]): string;
  /** Returns how many bytes of UTF-8 it takes with values of these, 0 for those that it does not have. */
  bytes(sizes: readonly number[]): number;
}

/** A value's place in a document. */
export interface DocumentLeaf {
  /** How many objects it stands in, below the document itself. */
  readonly depth: number;
  /** How many of them the path before stands in as well. */
  readonly shared: number;
  /** What stands before its value when so many of its objects are open already: `"host":{"name":`, `"name":`. */
  readonly open: readonly string[];
}

/**
 * Returns the names that lead to a value: `host`, `ip` of `host.ip[]`; of a flat document the whole path is one name.
 */
export function pathNames(path: string, nested: boolean): readonly string[] {
  const bare = path.endsWith('[]') ? path.slice(0, -2) : path;
  return nested ? bare.split('.') : [bare];
}

/**
 * Returns the rows with those of one object side by side, else as they stood. Throws when one path is given twice, or is
 * a value and an object at once: a mistake in the table.
 */
export function inTreeOrder<Row extends { readonly path: string }>(
  rows: readonly Row[],
  nested: boolean,
  depth = 0,
): readonly Row[] {
  const groups = Map.groupBy(rows, ({ path }) => pathNames(path, nested)[depth] ?? '');
  return [...groups.values()].flatMap((group) => {
    if (group.length === 1) return group;
    const value = group.find(({ path }) => pathNames(path, nested).length === depth + 1);
    if (value !== undefined) throw new Error(`the path ${value.path} stands twice in a table`);
    return inTreeOrder(group, nested, depth + 1);
  });
}

/** Returns the layout of a document with these paths, which stand in tree order. */
export function layoutOf(paths: readonly string[], nested: boolean): DocumentLayout {
  const leaves = leavesOf(paths, nested);
  const closing = closings(leaves);
  return {
    write: (values) => write(leaves, closing, values),
    bytes: (sizes) => bytes(leaves, sizes),
  };
}

/** Returns the places of values with these paths, which stand in tree order. */
export function leavesOf(paths: readonly string[], nested: boolean): readonly DocumentLeaf[] {
  const names = paths.map((path) => pathNames(path, nested));
  return names.map((own, at) => leafOf(own, names[at - 1] ?? []));
}

function leafOf(names: readonly string[], before: readonly string[]): DocumentLeaf {
  const depth = names.length - 1;
  const most = Math.min(depth, before.length - 1);
  let shared = 0;
  while (shared < most && names[shared] === before[shared]) shared++;
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  return { depth, shared, open: keys.map((_, opened) => keys.slice(opened).join('{')) };
}

/** What ends so many objects. */
function closings(leaves: readonly DocumentLeaf[]): readonly string[] {
  const deepest = Math.max(0, ...leaves.map(({ depth }) => depth));
  return Array.from({ length: deepest + 1 }, (_, count) => '}'.repeat(count));
}

function write(
  leaves: readonly DocumentLeaf[],
  closing: readonly string[],
  values: readonly string[],
): string {
  let out = '';
  let depth = 0;
  let shared = 0;
  for (let at = 0; at < leaves.length; at++) {
    const leaf = leaves[at];
    const value = values[at];
    if (leaf === undefined || value === undefined) break;
    if (leaf.shared < shared) shared = leaf.shared;
    if (value === '') continue;
    out += out === '' ? '{' : `${closing[depth - shared]},`;
    out += leaf.open[shared] + value;
    depth = leaf.depth;
    shared = depth;
  }
  return out === '' ? '{}' : `${out + closing[depth]}}`;
}

/** The same walk, counting: the keys of all tables are ASCII. */
function bytes(leaves: readonly DocumentLeaf[], sizes: readonly number[]): number {
  let sum = 0;
  let depth = 0;
  let shared = 0;
  for (let at = 0; at < leaves.length; at++) {
    const leaf = leaves[at];
    const size = sizes[at] ?? 0;
    if (leaf === undefined) break;
    if (leaf.shared < shared) shared = leaf.shared;
    if (size === 0) continue;
    if (sum > 0) sum += depth - shared;
    sum += 1 + (leaf.open[shared]?.length ?? 0) + size;
    depth = leaf.depth;
    shared = depth;
  }
  return sum === 0 ? 2 : sum + depth + 1;
}
