import { epochMs, parseInstant } from '../../fields/instant.ts';
import { badRequest, DirectoryError } from './errors.ts';

const dayMs = 86_400_000;

/** Returns the milliseconds since 1970 of a time that was sent, or `otherwise`. Throws DirectoryError when it is none. */
export function timeOf(sent: string | null | undefined, otherwise: number): number {
  if (sent === null || sent === undefined) return otherwise;
  const instant = parseInstant(sent);
  if (instant === undefined)
    throw badRequest(`Cannot convert the literal '${sent}' to the expected type 'Edm.DateTimeOffset'.`);
  return epochMs(instant);
}

/** Throws DirectoryError where a tenant's policy allows a credential no life of `ms`. */
export function checkLife(ms: number, longestDays: number | undefined): void {
  if (longestDays === undefined || ms <= longestDays * dayMs) return;
  throw new DirectoryError(
    400,
    'CredentialInvalidLifetimeAsPerAppPolicy',
    `Credential lifetime exceeds the max value allowed as per assigned policy 'P${longestDays}D'.`,
  );
}
