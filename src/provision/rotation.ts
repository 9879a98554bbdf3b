import { randomUUID } from 'node:crypto';
import { ConnectorError, messageOf } from '../errors.ts';
import type { ClientSecretCredential, Credential, PemCertificate } from '../identity/credential.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { makeCertificate } from './certificate.ts';
import { createCertificateRotation } from './certificate-rotation.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import { whatIsLate } from './late-effect.ts';
import {
  hostFiles,
  lockRotation,
  type RotationFiles,
  type RotationNote,
  type RotationPlace,
  readRotation,
  rotationPlace,
  writeRotation,
} from './rotation-files.ts';
import { createSecretRotation } from './secret-rotation.ts';

/** A credential in files of its own, which can be written anew. */
export type RotatableCredential = PemCertificate | (ClientSecretCredential & { readonly file: string });

/** What a rotation works with. */
export interface RotationOptions {
  /** The tenant's name in the configuration. */
  readonly tenant: string;
  readonly credential: RotatableCredential;
  readonly registry: CredentialRegistry;
  /** Gets a token with this credential; rejects as a token request does. */
  readonly tryOut: (credential: Credential) => Promise<void>;
  /** Life of the new credential, days; undefined for as long as the old one's. */
  readonly days: number | undefined;
  /** How long running processes have to take the new credential before the old one goes, ms. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** Default: those of this host. */
  readonly files?: RotationFiles;
  /** Default: `makeCertificate`. */
  readonly make?: typeof makeCertificate;
}

/** The parts of a rotation that each kind of credential does in its own way. Each can be met again. */
export interface RotationKind {
  /** Says what the old credential is, before anything is done. */
  begin(name: string): Promise<RotationNote>;
  /** Makes and registers the new one, as far as it is not; `again`: an earlier run may have done some of it. */
  add(note: RotationNote, again: boolean): Promise<RotationNote>;
  /** Returns the new credential, as it stands beside the old one. */
  candidate(): Credential;
  /** Takes back what `add` has done. */
  undo(note: RotationNote): Promise<void>;
  /** Puts the new one into the old one's place: a process that reads meanwhile finds one that is whole and works. */
  switchOver(note: RotationNote): Promise<void>;
  /** Removes the old one, which nothing uses any more, from the directory and the disk. */
  retire(note: RotationNote): Promise<void>;
}

/** What the kinds of credential share. */
export interface RotationParts extends RotationOptions {
  readonly files: RotationFiles;
  readonly make: typeof makeCertificate;
  readonly place: RotationPlace;
}

/** For how long a new credential is tried, ms: it takes effect late (reference §11.4). */
const effectMs = 300_000;
/** It has taken effect everywhere when it works so often in a row, with a pause in between, ms. */
const provedBy = 3;
const provedPauseMs = 5_000;
const longestPauseMs = 15_000;
const firstPauseMs = 1_000;

/** Returns the credential if it stands in files of its own, which can be written anew; undefined for any other. */
export function rotatable(credential: Credential): RotatableCredential | undefined {
  if (credential.kind === 'certificate') return 'path' in credential ? credential : undefined;
  if (credential.kind !== 'client-secret' || credential.secret.file === undefined) return undefined;
  return { ...credential, file: credential.secret.file };
}

/** Returns whether a rotation of this credential has begun and not ended. Throws CONFIG_INVALID for files that cannot be read. */
export function isRotating(credential: RotatableCredential, files: RotationFiles = hostFiles): boolean {
  return readRotation(files, placeOf(credential)) !== undefined;
}

function placeOf(credential: RotatableCredential): RotationPlace {
  return 'file' in credential
    ? rotationPlace(credential.file, undefined)
    : rotationPlace(credential.path, credential.keyPath);
}

/**
 * Renews a credential: adds a new one, waits until it gets a token, puts it into the files that the configuration names,
 * and removes the old one once running processes have taken the new. What ends it half-way, the next call finishes: at
 * every moment the files hold a credential that works, and the directory at most one more than before. Throws
 * `RotationUnderWay` where another process is about it; IDENTITY_REFUSED when the new one does not work after five minutes, which is then taken back; CONFIG_INVALID for files
 * that cannot be read or written; as `CredentialRegistry` and the token request do; or the signal's reason.
 */
export async function rotateCredential(options: RotationOptions): Promise<void> {
  const { credential, clock, tell } = options;
  const { files = hostFiles, make = makeCertificate } = options;
  const place = placeOf(credential);
  const parts: RotationParts = { ...options, files, make, place };
  const kind =
    'file' in credential
      ? createSecretRotation(parts, credential)
      : createCertificateRotation(parts, credential);
  const noteDown = async (note: RotationNote) => {
    await writeRotation(files, place, note);
    return note;
  };

  using _ = await lockRotation(place, options);
  const left = readRotation(files, place);
  if (left !== undefined) tell('an earlier rotation did not end: it goes on from there');
  let note = left ?? (await noteDown(await kind.begin(newName(clock))));
  if (note.phase === 'adding') {
    note = await adding(kind, note, left !== undefined, parts);
    note = await noteDown({ ...note, phase: 'switching' });
    tell('the new credential gets a token');
  }
  if (note.phase === 'switching') {
    await kind.switchOver(note);
    note = await noteDown({ ...note, phase: 'retiring', switchedMs: clock.now() });
    tell(`the new credential stands in ${place.file}`);
  }
  await waitForOthers(note, parts);
  await untilItWorks(credential, parts);
  await kind.retire(note);
  await files.remove(place.note);
}

/** Unique in the directory, so that what was added before a crash is found again by it. */
function newName(clock: Clock): string {
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  return `defender-siem ${day} ${randomUUID().slice(0, 8)}`;
}

async function adding(
  kind: RotationKind,
  begun: RotationNote,
  again: boolean,
  parts: RotationParts,
): Promise<RotationNote> {
  const { files, place } = parts;
  let note: RotationNote;
  try {
    note = await kind.add(begun, again);
  } catch (error) {
    // Whoever may not add has added nothing, so that nothing is left to be finished.
    const denied = error instanceof ConnectorError && error.code === 'PERMISSION_MISSING';
    if (denied && !again) await discard(files, place);
    throw error;
  }
  try {
    await untilItWorks(kind.candidate(), parts);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'IDENTITY_REFUSED') throw error;
    await kind.undo(note);
    await discard(files, place);
    throw new ConnectorError(
      'IDENTITY_REFUSED',
      `the new credential of tenant ${parts.tenant} did not work within ${effectMs / 60_000} minutes, so it was removed again and the old one stays: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return note;
}

/** The note goes last: what is left without it, nobody would look for. */
async function discard(files: RotationFiles, place: RotationPlace): Promise<void> {
  await files.remove(place.next);
  if (place.nextKey !== undefined) await files.remove(place.nextKey);
  await files.remove(place.note);
}

/** Waits until the credential gets a token several times in a row. Throws the last failure after five minutes. */
async function untilItWorks(
  credential: Credential,
  { tryOut, clock, tell, signal }: RotationParts,
): Promise<void> {
  const startedMs = elapsedMs(clock);
  let failures = 0;
  for (let proofs = 0; proofs < provedBy; ) {
    try {
      await tryOut(credential);
      proofs++;
      if (proofs < provedBy) await clock.sleep(provedPauseMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || elapsedMs(clock) - startedMs >= effectMs) throw error;
      if (failures === 0) {
        const why =
          error instanceof ConnectorError && error.code === 'IDENTITY_REFUSED' ? whatIsLate : messageOf;
        tell(`waiting until the credential takes effect: ${why(error)}`);
      }
      proofs = 0;
      await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++), signal);
    }
    signal.throwIfAborted();
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof ConnectorError && ['IDENTITY_REFUSED', 'IDENTITY_UNAVAILABLE'].includes(error.code);
}

/** A clock that was set in between makes the wait neither endless nor longer than it was to be. */
async function waitForOthers(
  { switchedMs = 0 }: RotationNote,
  { graceMs, clock, tell, signal }: RotationParts,
): Promise<void> {
  const restMs = Math.min(graceMs, switchedMs + graceMs - clock.now());
  if (restMs <= 0) return;
  tell(`running processes take the new credential: the old one goes in ${Math.ceil(restMs / 1000)} s`);
  await clock.sleep(restMs, signal);
  signal.throwIfAborted();
}
