import { createHash } from 'node:crypto';

/** Returns base64 text of about so many characters, the same for the same seed, which compresses to three quarters. */
export function incompressible(seed: string, characters: number): string {
  const outputLength = Math.floor(characters * 0.75);
  return createHash('shake256', { outputLength }).update(seed).digest('base64');
}
