import { readFile, rm } from 'node:fs/promises';
import { ConnectorError, messageOf } from '../errors.ts';
import { writeWholeFile } from '../fields/whole-file.ts';
import type { Clock } from '../runtime/clock.ts';
import { takeLock } from '../runtime/process-lock.ts';
import type { UserCredential } from './credential.ts';
import {
  makeSealKey,
  openSignIn,
  readSealed,
  type SealKey,
  type StoredSignIn,
  sealSignIn,
} from './sign-in-seal.ts';

/** How long another process's token request is waited for, ms: a little longer than an answer may take. */
const waitMs = 150_000;

/** The file of a person's sign-in, which no other process and no other caller touches until it is disposed of. */
export interface HeldSignIn extends Disposable {
  /** Resolves with the sign-in; undefined when nobody has signed in. Rejects with CONFIG_INVALID when it cannot be read. */
  read(): Promise<StoredSignIn | undefined>;
  /** Resolves when it is on the disk. Rejects with CONFIG_INVALID when it cannot be written. */
  write(signIn: StoredSignIn): Promise<void>;
  /** Resolves with whether there was one. */
  remove(): Promise<boolean>;
}

/** The key of each file that was opened or written last: to make it takes memory and time, by intention. */
const made = new WeakMap<UserCredential, { readonly secret: string; readonly key: SealKey }>();

/**
 * Resolves with the sign-in that a credential's file holds now; undefined when nobody has signed in. Rejects with
 * CONFIG_INVALID, naming the file, when it cannot be read or opened.
 */
export async function readSignIn(credential: UserCredential): Promise<StoredSignIn | undefined> {
  const { cache } = credential;
  let text: string;
  try {
    text = await readFile(cache, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw failed(cache, 'cannot read', error);
  }
  try {
    const file = readSealed(text);
    return openSignIn(file, await sealKey(credential, file.salt));
  } catch (error) {
    throw failed(cache, 'cannot open', error);
  }
}

/** Resolves with the key of a file with this salt; without one, of the file that was opened last, else a new one. */
async function sealKey(credential: UserCredential, salt?: string): Promise<SealKey> {
  const secret = credential.key.read();
  const last = made.get(credential);
  if (last?.secret === secret && (salt ?? last.key.salt) === last.key.salt) return last.key;
  const key = await makeSealKey(secret, salt);
  made.set(credential, { secret, key });
  return key;
}

/**
 * Resolves with the file once nobody else holds it. Rejects with IDENTITY_UNAVAILABLE when another process does not let
 * go of it, with CONFIG_INVALID where it cannot be locked, or with the signal's reason.
 */
export async function holdSignIn(
  credential: UserCredential,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<HeldSignIn> {
  const { cache } = credential;
  const lock = await lockOf(cache, clock, signal);
  if (lock === undefined) {
    throw new ConnectorError(
      'IDENTITY_UNAVAILABLE',
      `auth.user.cache: another process has been holding ${cache} for minutes: look for one that hangs`,
    );
  }
  return {
    read: () => readSignIn(credential),
    async write(signIn) {
      try {
        await writeWholeFile(cache, sealSignIn(signIn, await sealKey(credential)), 0o600);
      } catch (error) {
        throw failed(cache, 'cannot write', error);
      }
    },
    async remove() {
      const there = (await readFile(cache).catch(() => undefined)) !== undefined;
      await rm(cache, { force: true });
      return there;
    },
    [Symbol.dispose]: () => lock[Symbol.dispose](),
  };
}

/** Resolves with what `act` makes of the file, which nobody else touches meanwhile. Rejects as it and `holdSignIn` do. */
export async function withSignIn<Result>(
  credential: UserCredential,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
  act: (held: HeldSignIn) => Promise<Result>,
): Promise<Result> {
  using held = await holdSignIn(credential, options);
  return await act(held);
}

async function lockOf(cache: string, clock: Clock, signal: AbortSignal): Promise<Disposable | undefined> {
  try {
    return await takeLock(`${cache}-lock`, { clock, withinMs: waitMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw failed(cache, 'the folder must be there, and this process may write in it: cannot lock', error);
  }
}

function failed(cache: string, what: string, error: unknown): ConnectorError {
  return new ConnectorError('CONFIG_INVALID', `auth.user.cache: ${what} ${cache}: ${messageOf(error)}`, {
    cause: error,
  });
}
