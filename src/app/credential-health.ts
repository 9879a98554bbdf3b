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

/** A tenant, as far as its credential tells of it. */
export interface CredentialHolder {
  readonly name: string;
  /** GUID of the directory. */
  readonly id: string;
}

type HealthWith = (tenant: CredentialHolder) => CredentialHealth;

/**
 * Resolves with what tells how a credential is with each of the tenants that share it, as far as its files tell. Neither
 * it nor what it resolves with throws.
 */
export async function assessCredential(credential: Credential, nowMs: number): Promise<HealthWith> {
  const { kind } = credential;
  try {
    if (kind === 'certificate') return await assessCertificate(credential, nowMs);
    if (kind === 'client-secret') return assessSecret(credential, nowMs);
    if (kind === 'user') return await assessSignIn(credential);
    return ({ name }) => ({ name, kind, expires: undefined, healthy: true, problem: '' });
  } catch (error) {
    return ({ name }) => ({ name, kind, expires: undefined, healthy: false, problem: messageOf(error) });
  }
}

async function assessCertificate(credential: CertificateCredential, nowMs: number): Promise<HealthWith> {
  const { notAfterMs, thumbprintHex } = await readClientCertificate(credential);
  const note =
    'path' in credential ? readCredentialNote(credential.path, fingerprintOf(thumbprintHex)) : undefined;
  return ({ name }) => assessEnd(name, credential.kind, { endMs: notAfterMs, problem: note?.problem }, nowMs);
}

/** Only what is noted beside its file tells when a secret ends. */
function assessSecret(credential: ClientSecretCredential, nowMs: number): HealthWith {
  const note = noteOf(credential);
  const { kind } = credential;
  if (note?.endDateTime === undefined) {
    const problem = note?.problem === undefined ? '' : unrenewed(note.problem);
    return ({ name }) => ({ name, kind, expires: undefined, healthy: true, problem });
  }
  const known = { endMs: Date.parse(note.endDateTime), problem: note.problem };
  return ({ name }) => assessEnd(name, kind, known, nowMs);
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
async function assessSignIn(credential: UserCredential): Promise<HealthWith> {
  const signIn = await readSignIn(credential);
  return ({ name, id }) => {
    const refused = signIn?.refusals?.[id];
    const problem =
      signIn === undefined
        ? `nobody has signed in: ${loginAdvice(name)}`
        : refused === undefined
          ? ''
          : `is refused since ${new Date(refused.atMs).toISOString().slice(0, 19)}Z: ${refused.reason}`;
    return { name, kind: credential.kind, expires: undefined, healthy: problem === '', problem };
  };
}
