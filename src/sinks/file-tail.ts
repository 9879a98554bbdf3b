import type { FileHandle } from 'node:fs/promises';

const lineFeed = 0x0a;
const blockBytes = 64 * 1024;
/** The longest half line that is taken for ours, bytes. */
const longestTail = 64 * 2 ** 20;

/**
 * Cuts a half-written last line, which a crash or a full disk left, back to the last line end; returns the bytes that
 * were cut. It is cut, not completed: its batch was never acknowledged and comes again whole, while half a CEF line
 * looks like a whole one (design §3, promise 4). Throws when there is no line end within reach: then the file is not
 * one of ours.
 */
export async function cutHalfLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const block = Buffer.alloc(end - start);
    await handle.read(block, 0, block.length, start);
    const at = block.lastIndexOf(lineFeed);
    if (at >= 0) return await cutTo(handle, start + at + 1, size);
    end = start;
    if (size - end > longestTail)
      throw new Error('its last line is longer than any of ours: is this another file?');
  }
  return await cutTo(handle, 0, size);
}

async function cutTo(handle: FileHandle, length: number, size: number): Promise<number> {
  if (length < size) {
    await handle.truncate(length);
    await handle.datasync();
  }
  return size - length;
}
