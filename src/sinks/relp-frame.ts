/** One frame of RELP: a command, or the response to one; `txnr` says which. */
export interface RelpFrame {
  /** 1 to 999,999,999; 0 for hints, which nobody answers. */
  readonly txnr: number;
  readonly command: string;
  readonly data: Buffer;
}

/** The highest transaction number: 1 comes after it. */
export const lastTxnr = 999_999_999;

/** Longest data that is taken, bytes: answers have little to say, and nobody may fill our memory. */
const maxDataBytes = 2 ** 17;
/** `TXNR SP COMMAND SP DATALEN` and what follows it. */
const header = /^(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})([ \n])/;
const maxHeaderBytes = 9 + 1 + 32 + 1 + 9 + 1;

/** Data to send. */
export interface RelpText {
  readonly text: string;
  /** In UTF-8. */
  readonly bytes: number;
}

/** Returns a frame: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`, as text, so that many become bytes at once. */
export function encodeRelpFrame(txnr: number, command: string, { text, bytes }: RelpText): string {
  return bytes === 0 ? `${txnr} ${command} 0\n` : `${txnr} ${command} ${bytes} ${text}\n`;
}

/** Cuts a stream into RELP frames. */
export class RelpDecoder {
  #rest: Buffer = Buffer.alloc(0);

  /** Returns the frames that are complete with these bytes. Throws for what is no frame: the stream is then lost. */
  push(bytes: Buffer): readonly RelpFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: RelpFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): RelpFrame | undefined {
    const head = this.#rest.toString('latin1', 0, maxHeaderBytes);
    const match = header.exec(head);
    if (match === null) {
      if (head.length === maxHeaderBytes || head.includes('\n')) throw new Error('it sent no RELP frame');
      return undefined;
    }
    const [whole, txnr, command = '', length, separator] = match;
    const dataBytes = Number(length);
    if (dataBytes > maxDataBytes) throw new Error(`it announced a frame of ${dataBytes} bytes`);
    if ((dataBytes === 0) !== (separator === '\n')) throw new Error('it sent a frame of a wrong length');
    if (dataBytes === 0) return this.#take(Number(txnr), command, whole.length, 0, whole.length);
    const end = whole.length + dataBytes;
    if (this.#rest.length <= end) return undefined;
    if (this.#rest[end] !== 0x0a) throw new Error('it sent a frame of a wrong length');
    return this.#take(Number(txnr), command, whole.length, dataBytes, end + 1);
  }

  #take(txnr: number, command: string, start: number, dataBytes: number, end: number): RelpFrame {
    const data = this.#rest.subarray(start, start + dataBytes);
    this.#rest = this.#rest.subarray(end);
    return { txnr, command, data };
  }
}
