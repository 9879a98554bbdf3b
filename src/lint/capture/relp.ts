import { quoted, warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, maxMessageBytes, message, remark } from './captured.ts';
import type { FrameReader } from './framing.ts';

/** Bytes of a frame's head at most. */
const maxHead = 60;

/** What a client sends over RELP: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. */
export class RelpReader implements FrameReader {
  #lost = false;

  lost(): void {
    this.#lost = true;
  }

  read(queue: ByteQueue, ended: boolean): readonly Captured[] {
    const found: Captured[] = [];
    while (queue.length > 0) {
      if (this.#lost) queue.drop(nextFrame(queue.all()));
      this.#lost = false;
      if (queue.length === 0 || !this.#frame(queue, ended, found)) break;
    }
    return found;
  }

  /** Takes a frame off the queue; false when more bytes must come first. */
  #frame(queue: ByteQueue, ended: boolean, found: Captured[]): boolean {
    const bytes = queue.all();
    const { where } = queue;
    const head = /^(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})([ \n])/.exec(bytes.toString('latin1', 0, maxHead));
    if (head === null) {
      if (bytes.length < maxHead && !ended) return false;
      const what = `${quoted(bytes.toString('latin1', 0, 24))} is no frame of RELP`;
      found.push(remark(where, warning(undefined, 'RELP', what)));
      this.#lost = true;
      return true;
    }
    const [whole, , command, digits] = head;
    const length = Math.min(Number(digits), maxMessageBytes);
    const end = whole.length + (head[4] === ' ' ? length + 1 : 0);
    if (bytes.length < end && !ended) return false;
    const frame = queue.take(end);
    if (command === 'syslog') found.push(...payload(frame, whole.length, length, where));
    return true;
  }
}

function payload(frame: Buffer, start: number, length: number, where: string): readonly Captured[] {
  const bytes = frame.subarray(start, start + length);
  if (bytes.length === length) return [message(where, bytes)];
  return [remark(where, warning(undefined, 'RELP', `ends amid a message of ${length} bytes`))];
}

/** Where a frame begins behind what cannot be read; the end where none does. */
function nextFrame(bytes: Buffer): number {
  const at = bytes.toString('latin1').search(/\n\d{1,9} (?:syslog|close) \d/);
  return at === -1 ? bytes.length : at + 1;
}
