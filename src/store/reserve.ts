import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';

/** Bytes set aside: more than the write-ahead log holds before it goes into the file, so that it always can. */
export const defaultReserveBytes = 32 * 2 ** 20;

/** Disk space there must be for each byte of the reserve before it is set aside: the store is to grow beside it. */
const roomForEach = 1.25;

const pieceBytes = 2 ** 20;
/** A whole piece in memory, for each of 32 in a row, would be the most memory that the program ever takes. */
const chunkBytes = 2 ** 16;

/**
 * Disk space set aside beside the store, `<path>-reserve`. On a full disk it is given back bit by bit, so that what is
 * small and cannot wait, such as the acknowledgement of what was delivered, still finds room.
 */
export interface Reserve {
  /** True from `spend` until there is room for the whole reserve again. */
  readonly spent: boolean;
  /** Says that the disk is full. */
  spend(): void;
  /** Gives a piece back to the disk, no more than that, since others may take it first; false when none is left. */
  release(): boolean;
  /** Sets the space aside, as far as it is not; false while the disk has no room for it. Never throws. */
  restore(): boolean;
  /**
   * Does a part of that, so that the whole, which can take a slow disk a second, holds nobody up; false when nothing
   * more is to be done, or can be. Never throws.
   */
  restoreSome(): boolean;
  /** True when the disk had room for the reserve if it got back `bytes` more. Never throws. */
  fitsWith(bytes: number): boolean;
}

/** Returns the reserve of a store; nothing is set aside before the first `restore`. */
export function createReserve(storePath: string, bytes: number): Reserve {
  const path = `${storePath}-reserve`;
  let spent = false;
  const held = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  function fitsWith(more: number): boolean {
    try {
      const { bavail, bsize } = statfsSync(storePath);
      return bavail * bsize + more + held() >= bytes * roomForEach;
    } catch {
      return false;
    }
  }

  function restoreSome(): boolean {
    const missing = bytes - held();
    if ((missing <= 0 && !spent) || !fitsWith(0)) return false;
    try {
      if (missing > 0) append(path, Math.min(missing, pieceBytes));
    } catch {
      // What was written of it is set aside all the same.
      return false;
    }
    if (missing > pieceBytes) return true;
    spent = false;
    return false;
  }

  return {
    fitsWith,
    get spent() {
      return spent;
    },
    spend() {
      spent = true;
    },
    release() {
      const size = held();
      if (size > 0) truncateSync(path, Math.max(0, size - pieceBytes));
      return size > 0;
    },
    restore() {
      while (restoreSome());
      return !spent && held() >= bytes;
    },
    restoreSome,
  };
}

/** Random bytes, since a file system may keep a run of zeros in no space at all. */
function append(path: string, bytes: number): void {
  const file = openSync(path, 'a', 0o600);
  const chunk = Buffer.allocUnsafe(Math.min(bytes, chunkBytes));
  try {
    for (let left = bytes; left > 0; left -= chunk.length) {
      const next = randomFillSync(chunk.subarray(0, Math.min(left, chunk.length)));
      if (writeSync(file, next) < next.length) throw new Error('the disk is full');
    }
  } finally {
    closeSync(file);
  }
}
