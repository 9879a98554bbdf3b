import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { instantOf } from '../../fields/instant.ts';
import { isSignedBy, readJwt } from '../jwt.ts';
import { trimmed } from '../times.ts';
import type { Directory } from './directory.ts';
import { badRequest, DirectoryError } from './errors.ts';
import { checkLife, timeOf } from './lifetimes.ts';
import type { StoredApplication, StoredKey } from './objects.ts';

/** A key credential as callers send it: a new one, or one as it was read, whose `key` may be null. */
export const sentKey = z.strictObject({
  type: z.string(),
  usage: z.enum(['Verify', 'Sign']),
  key: z.string().nullish(),
  keyId: z.guid().nullish(),
  displayName: z.string().nullish(),
  customKeyIdentifier: z.string().nullish(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
});

type SentKey = z.infer<typeof sentKey>;

/** Audiences of a proof of possession: the directory of old, and Graph, which Microsoft's page names today. */
const proofAudiences: readonly unknown[] = [
  '00000002-0000-0000-c000-000000000000',
  '00000003-0000-0000-c000-000000000000',
];
const longestProofSeconds = 600;
const clockSkewSeconds = 300;

/**
 * Returns the keys that an application has after `sent` took the place of its own: those sent with the id of one it has
 * are kept as they are, the others are new (API reference §11.4). Throws DirectoryError for what is neither.
 */
export function replacedKeys(
  directory: Directory,
  application: StoredApplication,
  sent: readonly SentKey[],
  now: number,
): StoredKey[] {
  return sent.map((key) => {
    const known = application.keyCredentials.find(({ keyId }) => keyId === key.keyId?.toLowerCase());
    if (known === undefined) return newKey(directory, key, now);
    if (!isSame(key, known)) {
      throw badRequest(`Update to existing credential with KeyId '${known.keyId}' is not allowed.`);
    }
    return known;
  });
}

/** Returns a new key credential. Throws DirectoryError where its certificate, dates or life will not do. */
export function newKey(directory: Directory, sent: SentKey, now: number): StoredKey {
  if (sent.type !== 'AsymmetricX509Cert') throw badRequest('Key credential type is invalid.');
  const der = Buffer.from(sent.key ?? '', 'base64');
  const certificate = certificateOf(der);
  const [validFrom, validTo] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const start = timeOf(sent.startDateTime, validFrom);
  const end = timeOf(sent.endDateTime, validTo);
  if (start < validFrom || start >= end) throw badRequest('Key credential start date is invalid.');
  if (end > validTo || end <= now) throw badRequest('Key credential end date is invalid.');
  checkLife(end - start, directory.policies.longestCertificateDays);
  return {
    keyId: sent.keyId?.toLowerCase() ?? directory.random.guid(),
    displayName: sent.displayName ?? certificate.subject.replaceAll('\n', ', '),
    customKeyIdentifier:
      sent.customKeyIdentifier ?? createHash('sha1').update(der).digest('hex').toUpperCase(),
    startDateTime: trimmed(instantOf(start)),
    endDateTime: trimmed(instantOf(end)),
    type: 'AsymmetricX509Cert',
    usage: sent.usage,
    key: der.toString('base64'),
  };
}

/**
 * Throws DirectoryError unless `proof` is signed by a valid key of the application, names its object id and lives no
 * longer than ten minutes.
 */
export function mustProve(application: StoredApplication, proof: string, now: number): void {
  const jwt = readJwt(proof);
  const seconds = now / 1000;
  const signed =
    jwt !== undefined &&
    application.keyCredentials
      .filter((key) => Date.parse(key.endDateTime) > now)
      .some((key) => isSignedBy(jwt, certificateOf(Buffer.from(key.key, 'base64')).publicKey));
  const { aud, iss, nbf, exp } = jwt?.claims ?? {};
  const inTime =
    typeof nbf === 'number' &&
    typeof exp === 'number' &&
    exp - nbf <= longestProofSeconds &&
    nbf <= seconds + clockSkewSeconds &&
    exp >= seconds - clockSkewSeconds;
  if (signed && inTime && iss === application.id && proofAudiences.includes(aud)) return;
  throw new DirectoryError(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.');
}

function certificateOf(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw badRequest('Key credential is invalid: the key is not a certificate in DER, written in Base64.');
  }
}

function isSame(sent: SentKey, known: StoredKey): boolean {
  const unchanged = (value: string | null | undefined, stored: string) =>
    value === null || value === undefined || value === stored;
  return (
    sent.type === known.type &&
    sent.usage === known.usage &&
    unchanged(sent.key, known.key) &&
    unchanged(sent.customKeyIdentifier, known.customKeyIdentifier) &&
    timeOf(sent.startDateTime, Date.parse(known.startDateTime)) === Date.parse(known.startDateTime) &&
    timeOf(sent.endDateTime, Date.parse(known.endDateTime)) === Date.parse(known.endDateTime)
  );
}
