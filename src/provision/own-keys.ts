import { sign } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../errors.ts';
import { readTextFile } from '../fields/secret-file.ts';
import { writeWholeFile } from '../fields/whole-file.ts';
import { type ClientCertificate, readClientCertificate } from '../identity/client-certificate.ts';
import type { PemCertificate } from '../identity/credential.ts';
import type { CredentialRegistry } from './credential-registry.ts';
import { callGraph, type GraphCallOptions } from './graph-call.ts';

/** What an application has to know to renew its own certificates without any permission. Holds no key. */
export interface OwnKeys {
  /** Object id of the application. */
  readonly applicationId: string;
  /** Ids of its certificates in the directory, by their SHA-256 in hexadecimal digits of upper case; empty once removed. */
  readonly keyIds: Readonly<Record<string, string>>;
}

const shape = z.object({ applicationId: z.string(), keyIds: z.record(z.string(), z.string()) });

/** Returns the file in which that is noted, beside the certificate's. */
export function ownKeysPath(certificateFile: string): string {
  return `${certificateFile}.keys`;
}

/** Returns what is noted beside a certificate; undefined for nothing. */
export function readOwnKeys(certificateFile: string): OwnKeys | undefined {
  try {
    return shape.safeParse(JSON.parse(readTextFile(ownKeysPath(certificateFile)))).data;
  } catch {
    return undefined;
  }
}

/** Notes it. Rejects as `node:fs` does. */
export async function writeOwnKeys(certificateFile: string, keys: OwnKeys): Promise<void> {
  await writeWholeFile(ownKeysPath(certificateFile), `${JSON.stringify(keys)}\n`, 0o600);
}

/** The audience of a proof is the directory of old (reference §11.4); it holds ten minutes at most, s. */
const proofAudience = '00000002-0000-0000-c000-000000000000';
const proofSeconds = 600;

const added = z.object({ keyId: z.string() });

/**
 * Returns the certificates of an application in its own hands: an application needs no permission to roll its own keys
 * where it proves that it has one (reference §11.4, `addKey`). It cannot look them up, so that their ids are noted.
 */
export function createOwnKeyRegistry(
  credential: PemCertificate,
  noted: OwnKeys,
  graph: GraphCallOptions,
): CredentialRegistry {
  const { applicationId } = noted;
  let keys = noted;

  async function note(keyIds: OwnKeys['keyIds']): Promise<void> {
    keys = { applicationId, keyIds };
    await writeOwnKeys(credential.path, keys);
  }

  async function act(
    action: 'addKey' | 'removeKey',
    fields: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    const proof = proofOf(await readClientCertificate(credential), applicationId, graph.clock.now());
    const { body } = await callGraph(graph, {
      method: 'POST',
      path: `/applications/${applicationId}/${action}`,
      body: { ...fields, proof },
      doing: action === 'addKey' ? 'add a certificate by itself' : 'remove a certificate by itself',
      takes: 'the key of a certificate that is registered and has not ended',
      // Without an answer, the next run looks whether the new one works before it adds another.
      once: action === 'addKey',
      // Its removal may have taken effect without the note of it.
      handles: ({ message }) => action === 'removeKey' && /no (key )?credentials? found/i.test(message),
    });
    return body;
  }

  const certificatesOnly = () =>
    Promise.reject(
      new ConnectorError('PERMISSION_MISSING', 'an application may renew only certificates by itself'),
    );
  return {
    certificate: async ({ sha256 }) => keys.keyIds[sha256] || undefined,
    async addCertificate({ sha256, der }) {
      const keyCredential = { type: 'AsymmetricX509Cert', usage: 'Verify', key: der };
      const answer = added.safeParse(await act('addKey', { keyCredential, passwordCredential: null })).data;
      if (answer === undefined) {
        throw new ConnectorError(
          'API_FAILED',
          "Graph's answer to addKey names no keyId: try again, else report it as a bug",
        );
      }
      const kept = Object.entries(keys.keyIds).filter(([, id]) => id !== '');
      await note({ ...Object.fromEntries(kept), [sha256]: answer.keyId });
    },
    async removeCertificate({ sha256, sha1 }) {
      const keyId = keys.keyIds[sha256];
      if (keyId === undefined) {
        throw new ConnectorError(
          'API_FAILED',
          `the id of the old certificate (thumbprint ${sha1}) is not known here: remove it in the portal, under Certificates & secrets, and delete the files of the rotation`,
        );
      }
      if (keyId === '') return;
      await act('removeKey', { keyId });
      await note({ ...keys.keyIds, [sha256]: '' });
    },
    secrets: certificatesOnly,
    addSecret: certificatesOnly,
    removeSecret: certificatesOnly,
  };
}

/** Returns the JWT that proves the possession of a key (reference §11.4). */
function proofOf(
  { privateKey, thumbprint }: ClientCertificate,
  applicationId: string,
  nowMs: number,
): string {
  const now = Math.floor(nowMs / 1000);
  const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'RS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const claims = { aud: proofAudience, iss: applicationId, nbf: now, exp: now + proofSeconds };
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
