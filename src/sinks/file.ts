import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConnectorError, messageOf } from '../errors.ts';
import { duration } from '../fields/duration.ts';
import { filePath } from '../fields/path.ts';
import { size } from '../fields/size.ts';
import { fileMode, rotate, syncFolder, tidy } from './file-rotation.ts';
import { cutHalfLine } from './file-tail.ts';
import { linesOf } from './lines.ts';
import { NotSent } from './not-sent.ts';
import { accepted, type Outcome, type Payload, type Sink, type SinkContext, type SinkType } from './sink.ts';

const positive = 'must be more than zero';

/** Options of the sink type `file`. */
export const fileOptions = z.strictObject({
  path: filePath.describe('File that lines are appended to; missing folders are made.'),
  rotate: z
    .strictObject({
      size: size
        .refine((bytes) => bytes > 0, { error: positive })
        .optional()
        .describe('Start a new file before this one would grow beyond this size.'),
      every: duration
        .refine((ms) => ms > 0, { error: positive })
        .optional()
        .describe(
          'Start a new file when a new span of this length begins, counted in UTC: `1d` at midnight.',
        ),
      keep: z.number().int().min(0).default(10).describe('How many rotated files are kept.'),
      gzip: z.boolean().default(false).describe('Compress rotated files.'),
    })
    .optional()
    .describe('Without it the file grows, or another program (logrotate) moves it away, which is noticed.'),
});

/** Options of the sink type `file`, as the program sees them. */
export type FileSinkOptions = z.output<typeof fileOptions>;

/** A line per event, appended to a file. */
export const file: SinkType<typeof fileOptions> = {
  type: 'file',
  options: fileOptions,
  defaultFormat: 'json',
  create: (options, context) => new FileSink(options, context),
};

/** The file as it is open now. */
interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  size: number;
  /** When it was last written to, ms since 1970. */
  writtenMs: number;
}

class FileSink implements Sink {
  readonly #options: FileSinkOptions;
  readonly #context: SinkContext;
  #open: OpenFile | undefined;

  constructor(options: FileSinkOptions, context: SinkContext) {
    this.#options = options;
    this.#context = context;
  }

  payloadBytes(): number {
    return Number.POSITIVE_INFINITY;
  }

  async send(payloads: readonly Payload[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    if (payloads.length === 0) return [];
    const bytes = linesOf(payloads);
    const now = this.#context.clock.now();
    const open = await this.#ready(bytes.length, now).catch((error: unknown) => {
      const { code, message } = this.#unreachable(error);
      throw new NotSent(code, message, { cause: error });
    });
    try {
      await this.#append(open, bytes, now);
    } catch (error) {
      throw this.#unreachable(error);
    }
    return payloads.map(() => accepted);
  }

  async probe(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await this.#current();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** Returns the file to append so many bytes to, rotated when that is due. */
  async #ready(bytes: number, now: number): Promise<OpenFile> {
    const open = await this.#current();
    return this.#isDue(open, bytes, now) ? await this.#rotate(now) : open;
  }

  /** A batch counts once it is on the disk, not before: power may fail. */
  async #append(open: OpenFile, bytes: Buffer, now: number): Promise<void> {
    try {
      await open.handle.appendFile(bytes);
      await open.handle.datasync();
    } catch (error) {
      await this.#undo(open);
      throw error;
    }
    open.size += bytes.length;
    open.writtenMs = now;
  }

  /** Takes back what a failed batch has left, such as half a line on a full disk; the next opening would too. */
  async #undo(open: OpenFile): Promise<void> {
    await open.handle.truncate(open.size).catch(() => {});
    await this.#close();
  }

  /** Returns the open file, opened anew when there is none at the path any more, or another one. */
  async #current(): Promise<OpenFile> {
    const open = this.#open;
    if (open === undefined) return await this.#reopen();
    const there = await stat(this.#options.path, { bigint: true }).catch(() => undefined);
    if (there?.ino === open.inode) {
      // Others may have appended: what is theirs must not be taken back with a failed batch of ours.
      open.size = Number(there.size);
      return open;
    }
    await this.#close();
    return await this.#reopen();
  }

  async #reopen(): Promise<OpenFile> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true });
    // `a+`, since the half-written line of a crash is looked for.
    const handle = await open(path, 'a+', fileMode);
    try {
      const cut = await cutHalfLine(handle);
      if (cut > 0) {
        this.#context.log.warn(
          { sink: this.#context.name, path, bytes: cut },
          'half-written line cut; it comes again',
        );
      }
      await syncFolder(dirname(path));
      const { ino, size: bytes, mtimeMs } = await handle.stat({ bigint: true });
      const opened = { handle, inode: ino, size: Number(bytes), writtenMs: Number(mtimeMs) };
      this.#open = opened;
      return opened;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #isDue(open: OpenFile, more: number, now: number): boolean {
    const { rotate: when } = this.#options;
    if (when === undefined || open.size === 0) return false;
    if (when.size !== undefined && open.size + more > when.size) return true;
    if (when.every === undefined) return false;
    return Math.floor(open.writtenMs / when.every) < Math.floor(now / when.every);
  }

  async #rotate(now: number): Promise<OpenFile> {
    const { path } = this.#options;
    await this.#close();
    await rotate(path, now);
    const opened = await this.#reopen();
    try {
      await tidy(path, this.#options.rotate ?? { keep: 0, gzip: false });
    } catch (error) {
      // Old files that could not be compressed or deleted are no reason to hold new events back.
      const facts = { sink: this.#context.name, path, error: messageOf(error) };
      this.#context.log.warn(facts, 'rotated files could not be compressed or deleted');
    }
    return opened;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle.close();
  }

  #unreachable(error: unknown): ConnectorError {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const words = advice[code] ?? messageOf(error);
    const message = `sink ${this.#context.name}: ${this.#options.path}: ${words}`;
    return new ConnectorError('SINK_UNREACHABLE', message, { cause: error });
  }
}

/** What the codes of the file system mean to the person on call. */
const advice: Readonly<Record<string, string>> = {
  EACCES: 'not allowed: give the user of this program the right to write there (EACCES)',
  EPERM: 'not allowed: give the user of this program the right to write there (EPERM)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOSPC: 'the disk is full: make room, and delivery goes on (ENOSPC)',
  EDQUOT: 'the quota is used up: make room, and delivery goes on (EDQUOT)',
  EISDIR: 'this is a folder: name a file (EISDIR)',
  ENOTDIR: 'a part of the path is no folder (ENOTDIR)',
  EEXIST: 'a part of the path is no folder (EEXIST)',
  EMFILE: 'too many open files: raise the limit of the service (EMFILE)',
};
