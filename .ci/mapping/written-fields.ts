import { readCef } from '../../src/lint/cef/cef.ts';
import { readLeef } from '../../src/lint/leef/leef.ts';

/** What a format wrote, read back: the values of each field by its name, as `Format.fields` names them. */
export interface WrittenFields {
  /** Every field that was written; a member of a document that `listed` holds is one, whatever stands in it. */
  names(listed: ReadonlySet<string>): readonly string[];
  /** The values of a field; undefined where it was not written. */
  values(name: string): readonly string[] | undefined;
}

/** Reads a message back. */
export function writtenFields(text: string): WrittenFields {
  if (text.startsWith('CEF:')) return ofPairs(cefPairs(text));
  return text.startsWith('LEEF:') ? ofPairs(leefPairs(text)) : ofDocument(JSON.parse(text));
}

type Pairs = readonly (readonly [name: string, value: string | undefined])[];

function cefPairs(text: string): Pairs {
  const { header, extension } = readCef(text);
  const named = {
    deviceProduct: header?.product,
    deviceEventClassId: header?.classId,
    name: header?.name,
    severity: header?.severity,
  };
  const fields = [...extension].filter(
    ([key]) => !(key.endsWith('Label') && extension.has(key.slice(0, -5))),
  );
  return [...Object.entries(named), ...fields];
}

function leefPairs(text: string): Pairs {
  const { header, attributes } = readLeef(text);
  return [['EventID', header?.eventId], ...attributes];
}

function ofPairs(pairs: Pairs): WrittenFields {
  const fields = new Map(pairs.filter(([, value]) => value !== undefined));
  return {
    names: () => [...fields.keys()],
    values: (name) => {
      const value = fields.get(name);
      return value === undefined ? undefined : [value];
    },
  };
}

function ofDocument(document: unknown): WrittenFields {
  return {
    names: (listed) => {
      const names = new Set<string>();
      addNames(document, '', listed, names);
      return [...names];
    },
    values(name) {
      const values: string[] = [];
      collect(document, stepsOf(name), 0, values);
      return values.length === 0 ? undefined : values;
    },
  };
}

function addNames(value: unknown, path: string, listed: ReadonlySet<string>, names: Set<string>): void {
  if (listed.has(path) || typeof value !== 'object' || value === null) {
    names.add(path);
  } else if (Array.isArray(value)) {
    for (const element of value) addNames(element, `${path}[]`, listed, names);
  } else {
    for (const [name, member] of Object.entries(value)) {
      addNames(member, path === '' ? name : `${path}.${name}`, listed, names);
    }
  }
}

const steps = new Map<string, readonly string[]>();

/** `a.b[].c` as `a`, `b`, `[]`, `c`. */
function stepsOf(path: string): readonly string[] {
  const known = steps.get(path) ?? path.replaceAll('[]', '.[]').split('.');
  steps.set(path, known);
  return known;
}

function collect(value: unknown, way: readonly string[], depth: number, values: string[]): void {
  const step = way[depth];
  if (value === undefined || value === null) return;
  if (step === undefined) values.push(typeof value === 'object' ? JSON.stringify(value) : String(value));
  else if (step === '[]') {
    if (Array.isArray(value)) for (const element of value) collect(element, way, depth + 1, values);
  } else if (typeof value === 'object') {
    collect((value as Readonly<Record<string, unknown>>)[step], way, depth + 1, values);
  }
}
