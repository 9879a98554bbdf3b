import type { Registry } from '../../event.ts';
import { registryKey } from '../facts.ts';
import { choiceOf, choices, chosen } from './choice.ts';
import type { Draft } from './draft.ts';
import { member, objectOf, text } from './json.ts';

/** Types of values in Microsoft's words. */
const valueTypes = choices({
  unknown: [0, 'Unknown'],
  binary: [1, 'REG_BINARY'],
  reg_binary: [1, 'REG_BINARY'],
  dword: [2, 'REG_DWORD'],
  reg_dword: [2, 'REG_DWORD'],
  dwordbigendian: [3, 'REG_DWORD_BIG_ENDIAN'],
  expandstring: [4, 'REG_EXPAND_SZ'],
  reg_expand_sz: [4, 'REG_EXPAND_SZ'],
  link: [5, 'REG_LINK'],
  multistring: [6, 'REG_MULTI_SZ'],
  reg_multi_sz: [6, 'REG_MULTI_SZ'],
  none: [7, 'REG_NONE'],
  qword: [8, 'REG_QWORD'],
  reg_qword: [8, 'REG_QWORD'],
  qwordlittleendian: [9, 'REG_QWORD_LITTLE_ENDIAN'],
  string: [10, 'REG_SZ'],
  reg_sz: [10, 'REG_SZ'],
});

/** 66, 67: a value of the registry; nothing where its name or key is not known. */
export function registryValueObject(draft: Draft, registry: Registry | undefined): string {
  const path = text(registryKey({ registry }));
  const name = text(registry?.valueName);
  if (path === '' || name === '') return '';
  draft.windows = true;
  const type = registry?.valueType;
  return objectOf(
    'name',
    name,
    member('path', path) +
      member('data', text(registry?.value)) +
      (text(type) === '' ? '' : chosen('type_id', 'type', choiceOf(valueTypes, type ?? ''))),
  );
}

/** 66: a key of the registry; what is told of a value without a name has no place. */
export function registryKeyObject(draft: Draft, path: string, registry: Registry | undefined): string {
  if (registry === undefined) return '';
  const key = text(registryKey({ registry }));
  draft.unplace(path, 'data', registry.value);
  if (key === '') {
    draft.unplace(path, 'name', registry.valueName);
    return '';
  }
  draft.windows = true;
  return objectOf('path', key);
}

/** 66, 67: a value where one is told, else its key, as a member of an event or of evidence. */
export function registryMember(draft: Draft, prefix: string, registry: Registry | undefined): string {
  const value = registryValueObject(draft, registry);
  if (value !== '') return member('reg_value', value);
  return member('reg_key', registryKeyObject(draft, `${prefix}reg_value`, registry));
}
