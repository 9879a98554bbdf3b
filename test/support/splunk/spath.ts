/**
 * Returns the values at a path of a JSON text as Splunk's spath finds them: `a.b`, `list{}.b` for every element. `null`
 * is the word; objects, lists and what is not there have no value.
 */
export function spath(json: string, path: string): readonly string[] {
  let found: readonly unknown[] = [parsed(json)];
  for (const step of path.split('.')) {
    const isList = step.endsWith('{}');
    const name = isList ? step.slice(0, -2) : step;
    found = found.flatMap((value) => {
      const member = name === '' ? value : memberOf(value, name);
      if (!isList) return member === undefined ? [] : [member];
      return Array.isArray(member) ? member : [];
    });
  }
  return found.flatMap((value) => {
    return typeof value === 'object' && value !== null ? [] : [String(value)];
  });
}

/** Returns every path of a JSON text at which spath finds a value or a list, in Splunk's writing. */
export function pathsOf(json: string): ReadonlySet<string> {
  const paths = new Set<string>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      paths.add(`${path}{}`);
      for (const element of value) walk(element, `${path}{}`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value))
        walk(member, path === '' ? name : `${path}.${name}`);
    } else paths.add(path);
  };
  walk(parsed(json), '');
  return paths;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

const cache = { json: '', value: undefined as unknown };

/** One event's text is asked for many paths in a row: the last one is kept. */
function parsed(json: string): unknown {
  if (cache.json === json) return cache.value;
  cache.json = json;
  try {
    cache.value = JSON.parse(json);
  } catch {
    cache.value = undefined;
  }
  return cache.value;
}
