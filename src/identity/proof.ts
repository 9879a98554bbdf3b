import { readFileSync } from 'node:fs';
import { ConnectorError, messageOf } from '../errors.ts';
import { type Clock, elapsedMs } from '../runtime/clock.ts';
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts';
import type { ApplicationCredential, CertificateCredential } from './credential.ts';

/** What an application proves itself with, as its files are at this moment. */
export type Proof =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate }
  /** A token of another issuer, sent as it is. */
  | { readonly kind: 'assertion'; readonly assertion: string };

/** Gives the proof of an application whenever one is needed. */
export interface ProofSource {
  /**
   * Resolves with what is proved with now; `fresh`: from the files, whatever was read a moment ago. Rejects with
   * CONFIG_INVALID for files that cannot be read or do not fit together.
   */
  read(fresh?: boolean): Promise<Proof>;
}

/** How long what was read last serves on while the files do not fit together, as amid a rotation, ms. */
const toleratedMs = 600_000;

/** Returns what gives the proof of this credential: whatever is rotated in its files is used without a restart. */
export function createProofSource(credential: ApplicationCredential, clock: Clock): ProofSource {
  if (credential.kind === 'certificate') return certificateSource(credential, clock);
  return {
    read: async (fresh = false) =>
      credential.kind === 'client-secret'
        ? { kind: 'secret', secret: credential.secret.read(fresh) }
        : { kind: 'assertion', assertion: readTokenFile(credential.tokenFile) },
  };
}

/** Returns whether two proofs are the same, so that the one would be refused as the other was. */
export function sameProof(one: Proof, other: Proof): boolean {
  if (one.kind === 'secret') return other.kind === 'secret' && one.secret === other.secret;
  if (one.kind === 'assertion') return other.kind === 'assertion' && one.assertion === other.assertion;
  return other.kind === 'certificate' && one.certificate.thumbprint === other.certificate.thumbprint;
}

function certificateSource(credential: CertificateCredential, clock: Clock): ProofSource {
  let last: Proof | undefined;
  let amissSinceMs: number | undefined;
  return {
    async read(fresh = false) {
      try {
        last = { kind: 'certificate', certificate: await readClientCertificate(credential, fresh) };
        amissSinceMs = undefined;
        return last;
      } catch (error) {
        const nowMs = elapsedMs(clock);
        amissSinceMs ??= nowMs;
        if (last === undefined || nowMs - amissSinceMs >= toleratedMs) throw error;
        return last;
      }
    },
  };
}

function readTokenFile(tokenFile: string): string {
  const option = 'auth.workloadIdentity.tokenFile';
  let token: string;
  try {
    token = readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    throw new ConnectorError('CONFIG_INVALID', `${option}: cannot read ${tokenFile}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (token !== '') return token;
  throw new ConnectorError('CONFIG_INVALID', `${option}: ${tokenFile} is empty`);
}
