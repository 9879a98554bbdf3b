import type { File } from '../../event.ts';
import { choice, chosen, unknown } from './choice.ts';
import type { Draft } from './draft.ts';
import { list, member, object, text } from './json.ts';

const regularFile = choice(1, 'Regular File');
const md5 = choice(1, 'MD5');
const sha1 = choice(2, 'SHA-1');
const sha256 = choice(3, 'SHA-256');

/**
 * 49–54: a file. The schema wants a name: of a file that is known by its path or hash alone it is the path's end or the
 * hash. Nothing where neither is known.
 */
export function fileObject(draft: Draft, path: string, file: File | undefined): string {
  if (file === undefined) return '';
  const hashes: string[] = [];
  for (const [algorithm, value] of [
    [sha1, file.sha1],
    [sha256, file.sha256],
    [md5, file.md5],
  ] as const) {
    const json = draft.hash(`${path}.hashes.value`, value);
    if (json === '') continue;
    draft.observed(`${path}.hashes[${hashes.length}].value`, 'hash', json);
    hashes.push(object(`${chosen('algorithm_id', 'algorithm', algorithm)}${member('value', json)}`));
  }
  const told = text(file.name) || text(lastPart(file.path ?? file.folder));
  const name = told || text(file.sha256) || text(file.sha1) || text(file.md5);
  if (name === '') {
    draft.unplace(`${path}.company_name`, file.publisher);
    draft.unplace(`${path}.signatures.developer_uid`, file.signer);
    draft.unplace(`${path}.size`, file.size);
    return '';
  }
  if (told !== '') draft.observed(`${path}.name`, 'fileName', told);
  // A certificate needs a serial number in the schema, which Microsoft does not tell.
  draft.unplace(`${path}.signatures.certificate.issuer`, file.issuer);
  return object(
    member('name', name) +
      chosen('type_id', 'type', regularFile) +
      member('path', text(file.path ?? file.folder)) +
      (file.path === undefined || file.folder === file.path
        ? ''
        : member('parent_folder', text(file.folder))) +
      member('hashes', list(hashes)) +
      member('size', draft.long(`${path}.size`, file.size)) +
      member('company_name', text(file.publisher)) +
      signatures(draft, file.signer),
  );
}

/** 54: who signed it; a list from 1.8 on. */
function signatures({ version }: Draft, signer: string | undefined): string {
  const developer = text(signer);
  if (developer === '') return '';
  const signature = object(chosen('algorithm_id', 'algorithm', unknown) + member('developer_uid', developer));
  return version === '1.7.0' ? member('signature', signature) : member('signatures', list([signature]));
}

function lastPart(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const end = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1;
  return end === path.length ? path : path.slice(end);
}
