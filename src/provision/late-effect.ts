import { IdentityError } from '../identity/identity-error.ts';

/** Returns what has not taken effect yet, in calm words: what was just made and is not taken at once is no failure. */
export function whatIsLate(error: unknown): string {
  if (!(error instanceof IdentityError)) return 'what was granted has not taken effect everywhere yet';
  const code = error.entraCode === undefined ? '' : ` (AADSTS${error.entraCode})`;
  return `not every part of Entra ID knows the application and its credential yet${code}`;
}
