/** A file, or with a path that ends in `/` a folder, of an archive. */
export interface TarEntry {
  readonly path: string;
  readonly bytes: Buffer;
}

const block = 512;
/** Time of every entry: an archive says what is in it, not when it was made. 2026-01-01, seconds. */
const mtime = 1_767_225_600;

/**
 * Returns a tar archive (POSIX ustar) of these entries in their order, owned by root, files readable by all and folders
 * open to all: the same bytes for the same entries, wherever it is made. Throws at a path of more than 100 bytes.
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap(({ path, bytes }) => [
    header(path, bytes.length),
    bytes,
    Buffer.alloc((block - (bytes.length % block)) % block),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(path: string, length: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`the path is too long for a tar archive: ${path}`);
  const isFolder = path.endsWith('/');
  const bytes = Buffer.alloc(block);
  bytes.write(path, 0);
  bytes.write(octal(isFolder ? 0o755 : 0o644, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(length, 11), 124);
  bytes.write(octal(mtime, 11), 136);
  bytes.write(' '.repeat(8), 148); // the checksum counts itself as spaces
  bytes.write(isFolder ? '5' : '0', 156);
  bytes.write('ustar\0', 257);
  bytes.write('00', 263);
  bytes.write('root', 265);
  bytes.write('root', 297);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148);
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
