import type { File } from '../../event.ts';
import { choice, chosen, unknown } from './choice.ts';
import type { Draft } from './draft.ts';
import { listOfOne, member, objectOf, text } from './json.ts';

const regularFile = chosen('type_id', 'type', choice(1, 'Regular File'));
const noAlgorithm = chosen('algorithm_id', 'algorithm', unknown).slice(1);

/** How the hash of an algorithm begins. */
const md5 = hashStart(1, 'MD5');
const sha1 = hashStart(2, 'SHA-1');
const sha256 = hashStart(3, 'SHA-256');

function hashStart(id: number, name: string): string {
  return `{${chosen('algorithm_id', 'algorithm', choice(id, name)).slice(1)},"value":`;
}

/**
 * 49–54: a file. The schema wants a name: of a file that is known by its path or hash alone it is the path's end or the
 * hash. Nothing where neither is known.
 */
export function fileObject(draft: Draft, path: string, file: File | undefined): string {
  if (file === undefined) return '';
  const told = text(file.name) || text(lastPart(file.path ?? file.folder));
  const hashes = hashList(draft, path, file);
  const name = told || text(file.sha256) || text(file.sha1) || text(file.md5);
  if (name === '') {
    draft.unplace(path, 'company_name', file.publisher);
    draft.unplace(path, 'signatures.developer_uid', file.signer);
    draft.unplace(path, 'size', file.size);
    return '';
  }
  if (told !== '') draft.observed(path, 'name', 'fileName', told);
  // A certificate needs a serial number in the schema, which Microsoft does not tell.
  draft.unplace(path, 'signatures.certificate.issuer', file.issuer);
  return objectOf(
    'name',
    name,
    regularFile +
      member('path', text(file.path ?? file.folder)) +
      (file.path === undefined || file.folder === file.path
        ? ''
        : member('parent_folder', text(file.folder))) +
      member('hashes', hashes) +
      member('size', draft.long(path, 'size', file.size)) +
      member('company_name', text(file.publisher)) +
      signatures(draft, file.signer),
  );
}

/** 51–53: its hashes. */
function hashList(draft: Draft, path: string, file: File): string {
  let count = 0;
  const hashOf = (start: string, value: string | undefined): string => {
    const json = value === undefined ? '' : draft.hash(path, 'hashes.value', value);
    if (json === '') return '';
    draft.observed(path, `hashes[${count}].value`, 'hash', json);
    count++;
    return `${count === 1 ? '' : ','}${start}${json}}`;
  };
  return listOfOne(hashOf(sha1, file.sha1) + hashOf(sha256, file.sha256) + hashOf(md5, file.md5));
}

/** 54: who signed it; a list from 1.8 on. */
function signatures({ version }: Draft, signer: string | undefined): string {
  const developer = text(signer);
  if (developer === '') return '';
  const signature = `{${noAlgorithm}${member('developer_uid', developer)}}`;
  return version === '1.7.0' ? member('signature', signature) : member('signatures', listOfOne(signature));
}

function lastPart(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const end = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1;
  return end === path.length ? path : path.slice(end);
}
