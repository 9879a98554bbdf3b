import { gunzipSync } from 'node:zlib';

/** An entry of a tar archive as its header says. */
export interface ReadEntry {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'other';
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly bytes: Buffer;
}

/** Reads a tar.gz, written apart from the packer. Throws at a wrong checksum, and at anything behind the end. */
export function readTarGz(packed: Buffer): readonly ReadEntry[] {
  const archive = gunzipSync(packed);
  const entries: ReadEntry[] = [];
  let at = 0;
  while (archive[at] !== 0) {
    const header = archive.subarray(at, at + 512);
    checkSum(header);
    const size = number(header, 124, 12);
    entries.push({
      path: text(header, 0, 100),
      type: header[156] === 0x30 ? 'file' : header[156] === 0x35 ? 'folder' : 'other',
      mode: number(header, 100, 8),
      owner: number(header, 108, 8),
      group: number(header, 116, 8),
      mtime: number(header, 136, 12),
      bytes: archive.subarray(at + 512, at + 512 + size),
    });
    at += 512 + Math.ceil(size / 512) * 512;
    if (at >= archive.length) throw new Error('the archive ends without its end');
  }
  if (archive.subarray(at).some((byte) => byte !== 0)) throw new Error('something stands behind the end');
  return entries;
}

function checkSum(header: Buffer): void {
  const written = number(header, 148, 8);
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== written) throw new Error(`the checksum of ${text(header, 0, 100)} is wrong`);
}

function text(header: Buffer, at: number, length: number): string {
  return header.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function number(header: Buffer, at: number, length: number): number {
  return Number.parseInt(text(header, at, length).trim() || '0', 8);
}
