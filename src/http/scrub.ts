/** Nobody is told more of a text than this, characters: a peer may send as much as it likes. */
const longest = 65_536;

/** What every secret is replaced with. */
const instead = '[secret]';

/** A JWT, whole or cut off, and what an Authorization header carries: whoever's it is, it is nobody's to read. */
const tokens = /\beyJ[\w-]{8,}(?:\.[\w-]*)*|(?<=\b(?:bearer|basic)(?:\s|%20|\+){1,4})[\w.~+/=-]{20,}/gi;

/**
 * Returns the text with each of these secrets in it replaced, however it is written, and with every token, in case a peer
 * repeats what it was sent; of a text beyond all measure, the beginning. To be done before the text is cut: of half a
 * secret nothing is found.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text.slice(0, longest);
  for (const writing of secrets.flatMap(writings)) clean = clean.replaceAll(writing, instead);
  return clean.replace(tokens, instead);
}

/** A secret as it is, and as forms, addresses and JSON have it; the longer ones first. */
function writings(secret: string): readonly string[] {
  if (secret === '') return [];
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const inUrl = encodeURIComponent(secret.toWellFormed());
  return [...new Set([json, form, inUrl, secret])].toSorted((a, b) => b.length - a.length);
}
