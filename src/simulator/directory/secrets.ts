import { z } from 'zod';
import { instantOf } from '../../fields/instant.ts';
import { trimmed } from '../times.ts';
import type { Directory } from './directory.ts';
import { badRequest, DirectoryError } from './errors.ts';
import { checkLife, timeOf } from './lifetimes.ts';
import type { StoredApplication, StoredPassword } from './objects.ts';

/** What `addPassword` takes (API reference §11.4). */
export const newSecret = z.strictObject({
  passwordCredential: z
    .strictObject({
      displayName: z.string().nullish(),
      startDateTime: z.string().nullish(),
      endDateTime: z.string().nullish(),
    })
    .nullish(),
});

const usualLifeMs = 730 * 86_400_000;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~';

/** Returns the application with one more secret, and the secret. Throws DirectoryError for a life that may not be. */
export function withSecret(
  directory: Directory,
  application: StoredApplication,
  wanted: z.infer<typeof newSecret>,
  now: number,
): { application: StoredApplication; secret: StoredPassword } {
  if (!directory.policies.secretsAllowed) {
    throw new DirectoryError(
      400,
      'CredentialTypeNotAllowedAsPerAppPolicy',
      "Credential type not allowed as per assigned policy 'Block secrets'.",
    );
  }
  const { displayName, startDateTime, endDateTime } = wanted.passwordCredential ?? {};
  const start = timeOf(startDateTime, now);
  const end = timeOf(endDateTime, start + usualLifeMs);
  if (end <= start || end <= now) throw badRequest('Password credential end date is invalid.');
  checkLife(end - start, directory.policies.longestSecretDays);
  const secretText = secretOf(directory);
  const secret: StoredPassword = {
    keyId: directory.random.guid(),
    displayName: displayName ?? null,
    hint: secretText.slice(0, 3),
    startDateTime: trimmed(instantOf(start)),
    endDateTime: trimmed(instantOf(end)),
    secretText,
  };
  return {
    application: { ...application, passwordCredentials: [...application.passwordCredentials, secret] },
    secret,
  };
}

/** Returns the application without the secret of this id. Throws DirectoryError when it has none. */
export function withoutSecret(application: StoredApplication, keyId: string): StoredApplication {
  const rest = application.passwordCredentials.filter((secret) => secret.keyId !== keyId.toLowerCase());
  if (rest.length === application.passwordCredentials.length) {
    throw badRequest('No password credential found with keyId.');
  }
  return { ...application, passwordCredentials: rest };
}

/** Returns a text of the form of Entra's secrets, worth nothing outside of this simulator. */
function secretOf({ random }: Directory): string {
  const text = (length: number) =>
    Array.from({ length }, () => letters.charAt(random.between(0, letters.length - 1))).join('');
  return `${text(3)}8Q~${text(34)}`;
}
