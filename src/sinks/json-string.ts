/**
 * Returns the text as a JSON string that every reader takes: lone surrogates are U+FFFD, and DEL, the C1 controls,
 * U+2028 and U+2029 are escaped though JSON allows them raw (formats reference §1.1).
 */
export function jsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
