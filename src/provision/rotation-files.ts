import { readFileSync, realpathSync, statSync } from 'node:fs';
import { chown, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { ConnectorError, messageOf } from '../errors.ts';
import { writeWholeFile } from '../fields/whole-file.ts';
import type { Clock } from '../runtime/clock.ts';
import { takeLock } from '../runtime/process-lock.ts';

/** The files that a rotation reads and writes: the whole of what it leaves on disk goes through here. */
export interface RotationFiles {
  /** Returns the text; undefined where there is no such file. Throws CONFIG_INVALID where it cannot be read. */
  read(path: string): string | undefined;
  /** Writes it whole or not at all; readable for whom `like` is readable. Rejects with CONFIG_INVALID. */
  write(path: string, text: string, like: string): Promise<void>;
  /** Deletes it; one that is not there is fine. Rejects with CONFIG_INVALID. */
  remove(path: string): Promise<void>;
}

/** The files of this host. */
export const hostFiles: RotationFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw invalid(`cannot read ${path}`, error);
    }
  },
  async write(path, text, like) {
    try {
      const mode = statSync(like).mode & 0o777;
      if (process.getuid?.() !== 0) return await writeWholeFile(path, text, mode);
      const half = `${path}.half`;
      await writeWholeFile(half, text, mode);
      await giveToOwner(half, like);
      await rename(half, path);
    } catch (error) {
      throw invalid(`cannot write ${path}`, error);
    }
  },
  async remove(path) {
    try {
      await rm(path, { force: true });
    } catch (error) {
      throw invalid(`cannot delete ${path}`, error);
    }
  },
};

/** Another process renews the same credential at this moment. */
export class RotationUnderWay extends ConnectorError {
  constructor(file: string) {
    super(
      'IDENTITY_UNAVAILABLE',
      `another process renews the credential in ${file} at this moment: nothing is to be done; look again in some minutes`,
    );
    this.name = 'RotationUnderWay';
  }
}

/** Resolves with what keeps other processes from rotating the same files. Rejects with RotationUnderWay or CONFIG_INVALID. */
export async function lockRotation(
  { lock, file }: RotationPlace,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Disposable> {
  let held: Disposable | undefined;
  try {
    held = await takeLock(lock, { clock, withinMs: 0, signal });
    if (held !== undefined) await giveToOwner(lock, file);
  } catch (error) {
    held?.[Symbol.dispose]();
    signal.throwIfAborted();
    throw invalid(`cannot lock ${lock}`, error);
  }
  if (held === undefined) throw new RotationUnderWay(file);
  return held;
}

function invalid(what: string, error: unknown): ConnectorError {
  const advice =
    'a credential is renewed where its folder can be written, by the user whom the files belong to';
  return new ConnectorError('CONFIG_INVALID', `${what}: ${messageOf(error)}: ${advice}`, { cause: error });
}

/** What root makes for a service that runs as another user must be that user's at every moment. */
async function giveToOwner(path: string, like: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(like);
  await chown(path, uid, gid);
}

/** How far a rotation is. Holds no credential: a certificate is public. */
export interface RotationNote {
  /**
   * `adding`: the new credential is made and registered, and tried. `switching`: it works, and takes the old one's place.
   * `retiring`: it has, and the old one goes once every process has taken the new one.
   */
  readonly phase: 'adding' | 'switching' | 'retiring';
  /** What a new secret is called in the directory: of no other is there the same. */
  readonly name: string;
  /** The old certificate: base64 of its DER. */
  readonly oldCertificate?: string | undefined;
  /** The old secret's id; undefined where it could not be told from others. */
  readonly oldKeyId?: string | undefined;
  /** The new secret's id and end, once they are known. */
  readonly keyId?: string | undefined;
  readonly endDateTime?: string | undefined;
  /** When the new one took the old one's place, ms since 1970. */
  readonly switchedMs?: number | undefined;
}

const noteShape = z.object({
  phase: z.enum(['adding', 'switching', 'retiring']),
  name: z.string(),
  oldCertificate: z.string().optional(),
  oldKeyId: z.string().optional(),
  keyId: z.string().optional(),
  endDateTime: z.string().optional(),
  switchedMs: z.number().optional(),
}) satisfies z.ZodType<RotationNote>;

/** Where a rotation keeps what it needs: beside the file that it renews, through a symbolic link. */
export interface RotationPlace {
  /** The file of the secret, of the certificate, or of certificate and key. */
  readonly file: string;
  /** The file of the key, where that is another. */
  readonly keyFile: string | undefined;
  readonly next: string;
  readonly nextKey: string | undefined;
  readonly note: string;
  /** Held by the one process that rotates; stays as an empty file. */
  readonly lock: string;
}

/** Returns the place of a rotation of these files. */
export function rotationPlace(file: string, keyFile: string | undefined): RotationPlace {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  };
  const target = real(file);
  const key = keyFile === undefined || real(keyFile) === target ? undefined : real(keyFile);
  return {
    file: target,
    keyFile: key,
    next: `${target}.next`,
    nextKey: key === undefined ? undefined : `${key}.next`,
    note: `${target}.rotation`,
    lock: `${target}.lock`,
  };
}

/** Returns how far a rotation is that did not end; undefined for none. Throws CONFIG_INVALID where it cannot be read. */
export function readRotation(files: RotationFiles, place: RotationPlace): RotationNote | undefined {
  const text = files.read(place.note);
  if (text === undefined) return undefined;
  try {
    return noteShape.parse(JSON.parse(text));
  } catch (error) {
    throw invalid(`${place.note} is no note of a rotation`, error);
  }
}

/** Notes how far the rotation is. Rejects with CONFIG_INVALID. */
export async function writeRotation(
  files: RotationFiles,
  place: RotationPlace,
  note: RotationNote,
): Promise<void> {
  await files.write(place.note, `${JSON.stringify(note)}\n`, place.file);
}
