import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { damage } from './sqlite-error.ts';

/** The write-ahead log's own measures (sqlite.org/fileformat2.html §4). */
const headerBytes = 32;
const frameHeaderBytes = 24;
const magic = 0x377f0682;

/** Frames read at once. */
const framesAtOnce = 64;

/**
 * Looks whether the write-ahead log of a store is whole, before SQLite opens it: from the first frame whose checksum
 * does not hold SQLite drops the rest of the log without a word, and with it what was answered as kept. A log that a
 * loss of power cut short ends in one unfinished commit; two finished ones behind a broken frame are damage. Throws
 * STORE_DAMAGED. To be called under the store's lock.
 */
export function checkLog(storePath: string): void {
  const path = `${storePath}-wal`;
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= headerBytes) return;
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, headerBytes, 0);
    // Zeros: the file system had grown the file, and nothing had been written.
    if (header.every((byte) => byte === 0)) return;
    const sum = new Checksum(header.readUInt32BE(0) === magic + 1);
    sum.add(header.subarray(0, 24));
    if ((header.readUInt32BE(0) & ~1) !== magic || !sum.equals(header, 24)) {
      throw damage(storePath, 'the beginning of its write-ahead log is wrong');
    }
    const lost = commitsBehindBrokenFrame(file, size, header, sum);
    if (lost > 1) {
      throw damage(
        storePath,
        `its write-ahead log is broken, with ${lost} finished commits behind the break`,
      );
    }
  } finally {
    closeSync(file);
  }
}

/** Returns the longest run of finished commits behind the first frame that does not hold. */
function commitsBehindBrokenFrame(file: number, size: number, header: Buffer, sum: Checksum): number {
  const frameBytes = frameHeaderBytes + header.readUInt32BE(8);
  const chunk = Buffer.alloc(frameBytes * framesAtOnce);
  let broken = false;
  let commits = 0;
  let most = 0;
  for (let at = headerBytes; at + frameBytes <= size; at += chunk.length) {
    const read = readSync(file, chunk, 0, chunk.length, at);
    for (let start = 0; start + frameBytes <= read; start += frameBytes) {
      const frame = chunk.subarray(start, start + frameBytes);
      // The salts tell this log's frames from older ones, which a restarted log leaves behind it.
      const ofThisLog = frame.subarray(8, 16).equals(header.subarray(16, 24));
      sum.add(frame.subarray(0, 8));
      sum.add(frame.subarray(frameHeaderBytes));
      const follows = ofThisLog && sum.equals(frame, 16);
      broken ||= !follows;
      // Commits that the disk refused stay behind the end, each cut off from the one before; those that were finished
      // follow one another.
      if (!follows) commits = 0;
      if (broken && ofThisLog && frame.readUInt32BE(4) > 0) commits++;
      most = Math.max(most, commits);
      sum.goOnFrom(frame, 16);
    }
  }
  return most;
}

/** The log's running checksum, over words in the byte order that its magic number names. */
class Checksum {
  readonly #bigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  /** Adds bytes, whose number is a multiple of 8. */
  add(bytes: Buffer): void {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const littleEndian = !this.#bigEndian;
    for (let at = 0; at < bytes.byteLength; at += 8) {
      this.#first = (this.#first + words.getUint32(at, littleEndian) + this.#second) | 0;
      this.#second = (this.#second + words.getUint32(at + 4, littleEndian) + this.#first) | 0;
    }
  }

  /** Takes the sum that stands at `at` for its own. */
  goOnFrom(bytes: Buffer, at: number): void {
    this.#first = bytes.readInt32BE(at);
    this.#second = bytes.readInt32BE(at + 4);
  }

  /** True when the sum so far stands at `at`. */
  equals(bytes: Buffer, at: number): boolean {
    return bytes.readInt32BE(at) === this.#first && bytes.readInt32BE(at + 4) === this.#second;
  }
}
