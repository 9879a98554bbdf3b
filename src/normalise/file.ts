import type { File } from '../event.ts';
import { isObject, type JsonObject, orNone, textOf } from './json-value.ts';

/**
 * Returns folder and name as one path (formats reference §11.2, end): some producers give the whole path where others
 * give the folder. Undefined without a folder.
 */
export function joinPath(folder: string | undefined, name: string | undefined): string | undefined {
  if (folder === undefined || name === undefined) return folder;
  if (endsWithName(folder, name)) return folder;
  const separator = folder.includes('/') && !folder.includes('\\') ? '/' : '\\';
  return isSeparator(folder, folder.length - 1) ? folder + name : folder + separator + name;
}

/** True when the last part of the path is the name; Windows paths are compared without case, as Windows does. */
function endsWithName(path: string, name: string): boolean {
  const start = path.length - name.length;
  if (path.endsWith(name)) return start === 0 || isSeparator(path, start - 1);
  if (endsDiffer(path, name) || !path.includes('\\')) return false;
  if (!path.toLowerCase().endsWith(name.toLowerCase())) return false;
  return start <= 0 || isSeparator(path, start - 1);
}

/** True when the last letters, in ASCII, differ whatever their case: a folder without the name needs no further look. */
function endsDiffer(path: string, name: string): boolean {
  const last = path.charCodeAt(path.length - 1);
  const wanted = name.charCodeAt(name.length - 1);
  return last < 0x80 && wanted < 0x80 && (last | 0x20) !== (wanted | 0x20);
}

function isSeparator(path: string, at: number): boolean {
  const code = path.charCodeAt(at);
  return code === 0x5c || code === 0x2f;
}

/** Returns the file of these values, as sent, with its path joined; undefined when all are none. */
export function fileFrom(
  values: {
    readonly [Field in Exclude<keyof File, 'path'>]?: string | undefined;
  },
): File | undefined {
  return orNone({
    name: values.name,
    folder: values.folder,
    path: joinPath(values.folder, values.name),
    sha1: values.sha1,
    sha256: values.sha256,
    md5: values.md5,
    size: values.size,
    publisher: values.publisher,
    signer: values.signer,
    issuer: values.issuer,
  });
}

/** Reads Graph's `fileDetails` (API reference §6.4); undefined when the value is none or says nothing. */
export function fileDetailsOf(value: unknown): File | undefined {
  if (!isObject(value)) return undefined;
  const name = textOf(value.fileName);
  const folder = textOf(value.filePath);
  return orNone({
    name,
    folder,
    path: joinPath(folder, name),
    sha1: textOf(value.sha1),
    sha256: textOf(value.sha256),
    md5: textOf(value.md5),
    size: textOf(value.fileSize),
    publisher: textOf(value.filePublisher),
    signer: textOf(value.signer),
    issuer: textOf(value.issuer),
  });
}

/** Reads a list of Graph's `fileHash`, or one `fileHashEvidence`, as the hashes of a file. */
export function hashesOf(
  hashes: readonly JsonObject[],
): Partial<Record<'md5' | 'sha1' | 'sha256', string | undefined>> {
  const value = (algorithm: string) =>
    textOf(hashes.find((hash) => textOf(hash.algorithm)?.toLowerCase() === algorithm)?.value);
  return { md5: value('md5'), sha1: value('sha1'), sha256: value('sha256') };
}
