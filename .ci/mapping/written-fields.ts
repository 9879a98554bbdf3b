import { readCef } from '../../src/lint/cef/cef.ts';
import { readLeef } from '../../src/lint/leef/leef.ts';

/** What a format wrote: the values of each field by its name, as `Format.fields` names them. */
export type WrittenFields = ReadonlyMap<string, readonly string[]>;

/** Reads a message back into its fields; a member of a document that `names` holds is one, whatever it is. */
export function writtenFields(text: string, names: ReadonlySet<string>): WrittenFields {
  if (text.startsWith('CEF:')) return cefFields(text);
  return text.startsWith('LEEF:') ? leefFields(text) : documentFields(JSON.parse(text), names);
}

function cefFields(text: string): WrittenFields {
  const { header, extension } = readCef(text);
  const named = {
    deviceProduct: header?.product,
    deviceEventClassId: header?.classId,
    name: header?.name,
    severity: header?.severity,
  };
  const labels = [...extension].filter(
    ([key]) => !(key.endsWith('Label') && extension.has(key.slice(0, -5))),
  );
  return listed([...Object.entries(named), ...labels]);
}

function leefFields(text: string): WrittenFields {
  const { header, attributes } = readLeef(text);
  return listed([['EventID', header?.eventId], ...attributes]);
}

function listed(pairs: readonly (readonly [name: string, value: string | undefined])[]): WrittenFields {
  return new Map(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])));
}

function documentFields(document: unknown, names: ReadonlySet<string>): WrittenFields {
  const fields = new Map<string, string[]>();
  const visit = (value: unknown, path: string): void => {
    if (names.has(path) || typeof value !== 'object' || value === null) {
      const values = fields.get(path) ?? [];
      values.push(typeof value === 'object' ? JSON.stringify(value) : String(value));
      fields.set(path, values);
    } else if (Array.isArray(value)) {
      for (const element of value) visit(element, `${path}[]`);
    } else {
      for (const [name, member] of Object.entries(value))
        visit(member, path === '' ? name : `${path}.${name}`);
    }
  };
  visit(document, '');
  return fields;
}
