/** A value in a record that is neither an object nor a list, or a list of such values. */
export interface Leaf {
  /** Which leaf of its record it is, from 0 on. */
  readonly at: number;
  readonly way: readonly (string | number)[];
  /** As the page names it: the kind of an element in place of its number. */
  readonly path: string;
  readonly value: unknown;
}

/** Returns the leaves of a record, in its order. */
export function leavesOf(record: unknown): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: unknown, way: readonly (string | number)[], path: string): void => {
    if (Array.isArray(value)) {
      for (const [at, element] of value.entries())
        visit(element, [...way, at], `${path}[${kindOf(element)}]`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        visit(member, [...way, name], path === '' ? name : `${path}.${name}`);
      }
    } else if (value !== null) leaves.push({ at: leaves.length, way, path, value });
  };
  visit(record, [], '');
  return leaves;
}

/** Evidence says of what kind it is. */
function kindOf(element: unknown): string {
  if (typeof element !== 'object' || element === null) return '';
  const { entityType, '@odata.type': type } = element as { entityType?: unknown; '@odata.type'?: unknown };
  if (typeof entityType === 'string') return entityType;
  return typeof type === 'string' ? type.replace(/^.*\.|Evidence$/g, '') : '';
}

/** Returns the record with another value at these places, the rest shared; undefined leaves out what stands there. */
export function withValues(record: object, values: ReadonlyMap<Leaf, unknown>): object {
  let copy: unknown = record;
  for (const [{ way }, value] of values) copy = withValue(copy, way, 0, value);
  return copy as object;
}

function withValue(holder: unknown, way: Leaf['way'], depth: number, value: unknown): unknown {
  const step = way[depth];
  if (step === undefined) return value;
  if (Array.isArray(holder)) {
    const elements: unknown[] = [...holder];
    elements[Number(step)] = withValue(elements[Number(step)], way, depth + 1, value) ?? null;
    return elements;
  }
  const members = holder as Readonly<Record<string, unknown>>;
  return { ...members, [step]: withValue(members[step], way, depth + 1, value) };
}
