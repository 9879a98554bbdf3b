/** Returns a text as one word of a POSIX shell, whatever is in it; no shell can hold a NUL, which is left out. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}
