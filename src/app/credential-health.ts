import { messageOf } from '../errors.ts';
import { readClientCertificate } from '../identity/client-certificate.ts';
import type {
  CertificateCredential,
  ClientSecretCredential,
  Credential,
  UserCredential,
} from '../identity/credential.ts';
import { fingerprintOf, readCredentialNote } from '../identity/credential-note.ts';
import { loginAdvice, rotateAdvice } from '../identity/entra-errors.ts';
import { readSignIn } from '../identity/sign-in-file.ts';
import { credentialUrgentBeforeMs, credentialWarnBeforeMs, noteOf } from './credential-expiry.ts';

/** How a tenant's credential is. `expires`: ISO 8601, where it can be known. */
export interface CredentialHealth {
  readonly name: string;
  readonly healthy: boolean;
  /** What is wrong, or worth a word; empty when nothing is. */
  readonly problem: string;
  readonly kind: Credential['kind'];
  readonly expires: string | undefined;
}

/** Resolves with how a tenant's credential is, as far as its files tell. Never rejects. */
export async function assessCredential(
  name: string,
  credential: Credential,
  nowMs: number,
): Promise<CredentialHealth> {
  const { kind } = credential;
  try {
    if (kind === 'certificate') return await assessCertificate(name, credential, nowMs);
    if (kind === 'client-secret') return assessSecret(name, credential, nowMs);
    if (kind === 'user') return await assessSignIn(name, credential);
    return { name, kind, expires: undefined, healthy: true, problem: '' };
  } catch (error) {
    return { name, kind, expires: undefined, healthy: false, problem: messageOf(error) };
  }
}

async function assessCertificate(
  name: string,
  credential: CertificateCredential,
  nowMs: number,
): Promise<CredentialHealth> {
  const { notAfterMs, thumbprintHex } = await readClientCertificate(credential);
  const note =
    'path' in credential ? readCredentialNote(credential.path, fingerprintOf(thumbprintHex)) : undefined;
  return assessEnd(name, credential.kind, { endMs: notAfterMs, problem: note?.problem }, nowMs);
}

/** Only what is noted beside its file tells when a secret ends. */
function assessSecret(name: string, credential: ClientSecretCredential, nowMs: number): CredentialHealth {
  const note = noteOf(credential);
  const { kind } = credential;
  if (note?.endDateTime === undefined) {
    const problem = note?.problem === undefined ? '' : unrenewed(note.problem);
    return { name, kind, expires: undefined, healthy: true, problem };
  }
  return assessEnd(name, kind, { endMs: Date.parse(note.endDateTime), problem: note.problem }, nowMs);
}

function assessEnd(
  name: string,
  kind: Credential['kind'],
  known: { readonly endMs: number; readonly problem: string | undefined },
  nowMs: number,
): CredentialHealth {
  const leftMs = known.endMs - nowMs;
  const days = Math.floor(leftMs / 86_400_000);
  const problem =
    leftMs <= 0
      ? `has expired: ${rotateAdvice(name)}`
      : leftMs < credentialWarnBeforeMs
        ? `expires in ${days} days`
        : '';
  return {
    name,
    kind,
    expires: new Date(known.endMs).toISOString(),
    healthy: leftMs > credentialUrgentBeforeMs,
    problem: [problem, ...(known.problem === undefined ? [] : [unrenewed(known.problem)])]
      .filter((words) => words !== '')
      .join('; '),
  };
}

function unrenewed(problem: string): string {
  return `cannot be renewed by itself: ${problem}`;
}

/** The end of a sign-in cannot be known ahead: what Entra ID said last stands in its file. */
async function assessSignIn(name: string, credential: UserCredential): Promise<CredentialHealth> {
  const signIn = await readSignIn(credential);
  const { refused } = signIn ?? {};
  const problem =
    signIn === undefined
      ? `nobody has signed in: ${loginAdvice(name)}`
      : refused === undefined
        ? ''
        : `is refused since ${new Date(refused.atMs).toISOString().slice(0, 19)}Z: ${refused.reason}`;
  return { name, kind: credential.kind, expires: undefined, healthy: problem === '', problem };
}
