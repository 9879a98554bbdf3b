import type { Finding } from '../language.ts';
import { error, quoted, warning } from '../text.ts';
import type { ByteQueue } from './byte-queue.ts';
import { type Captured, maxMessageBytes, message, remark } from './captured.ts';
import type { FrameReader, StreamOrigin } from './framing.ts';

const rule = 'RFC 6587 §3.4.1';
const maxHead = 10;

/** Messages behind their length in bytes: `MSG-LEN SP SYSLOG-MSG` (RFC 6587 §3.4.1, RFC 5425 §4.3). */
export class CountedReader implements FrameReader {
  readonly #isFile: boolean;
  /** Bytes of a message that is too long to be held. */
  #skip = 0;
  /** The place of the next length is not known. */
  #lost = false;
  /** Bytes that the frame at the head has. */
  #needed = 0;
  #afterLineEnd = false;

  constructor({ isFile }: StreamOrigin) {
    this.#isFile = isFile;
  }

  lost(): void {
    this.#lost = true;
    this.#skip = 0;
    this.#needed = 0;
  }

  read(queue: ByteQueue, ended: boolean): readonly Captured[] {
    const found: Captured[] = [];
    while (queue.length > 0 && (ended || queue.length >= this.#needed)) {
      if (!this.#step(queue, ended, found)) break;
    }
    return found;
  }

  /** Takes one thing off the queue; false when more bytes must come first. */
  #step(queue: ByteQueue, ended: boolean, found: Captured[]): boolean {
    if (this.#skip > 0) {
      const step = Math.min(this.#skip, queue.length);
      queue.drop(step);
      this.#skip -= step;
      return true;
    }
    if (this.#lost) return this.#findFrame(queue, ended);
    const bytes = queue.all();
    if (bytes[0] === 0x0a || bytes[0] === 0x0d || bytes[0] === 0) {
      this.#afterLineEnd = true;
      queue.drop(1);
      return true;
    }
    const head = bytes.toString('latin1', 0, maxHead);
    const digits = /^\d{0,9}/.exec(head)?.[0] ?? '';
    if (digits.length === head.length && !ended && head.length < maxHead) return false;
    if (digits === '' || head.charAt(digits.length) !== ' ') {
      const what = `${quoted(bytes.toString('utf8', 0, 40), 24)} stands where MSG-LEN must: did the length before count characters instead of bytes?`;
      found.push(remark(this.#where(queue), error(undefined, rule, what)));
      this.#lost = true;
      return true;
    }
    return this.#frame(queue, digits, ended, found);
  }

  #frame(queue: ByteQueue, digits: string, ended: boolean, found: Captured[]): boolean {
    const length = Number(digits);
    const where = this.#where(queue);
    const start = digits.length + 1;
    if (length > maxMessageBytes) {
      found.push(remark(where, warning(undefined, rule, `MSG-LEN says ${digits} bytes: passed over`)));
      queue.drop(start);
      this.#skip = length;
      return true;
    }
    this.#needed = start + length;
    if (queue.length < this.#needed && !ended) return false;
    const frame = queue.take(this.#needed).subarray(start);
    this.#needed = 0;
    if (frame.length < length) {
      const what = `ends amid a message: MSG-LEN says ${length} bytes, ${frame.length} are there`;
      found.push(remark(where, warning(undefined, rule, what)));
      return true;
    }
    found.push(message(where, frame, this.#frameFindings(digits)));
    return true;
  }

  #frameFindings(digits: string): Finding[] {
    const findings: Finding[] = [];
    if (this.#afterLineEnd) {
      findings.push(
        error(undefined, rule, 'a line end stands before MSG-LEN: behind a counted message stands nothing'),
      );
    }
    this.#afterLineEnd = false;
    if (digits.startsWith('0')) findings.push(error(undefined, rule, `MSG-LEN ${digits} begins with 0`));
    return findings;
  }

  /** Passes over what stands before the next length with a PRI behind it. */
  #findFrame(queue: ByteQueue, ended: boolean): boolean {
    const bytes = queue.all();
    const at = bytes.toString('latin1').search(/(?<!\d)[1-9]\d{0,8} <\d{1,3}>/);
    if (at === -1) {
      queue.drop(ended ? queue.length : Math.max(0, queue.length - 2 * maxHead));
      return false;
    }
    queue.drop(at);
    this.#lost = false;
    return true;
  }

  #where(queue: ByteQueue): string {
    return this.#isFile ? `byte ${queue.taken}` : queue.where;
  }
}
