/** What most texts here have none of, being ids, names and times: all but ASCII's printable characters without `"` and `\`. */
const special = /[^ !#-[\]-~]/;

/**
 * DEL and the C1 controls, U+2028 and U+2029. In three searches, since the engine looks for up to 16 characters (modulo
 * 128) sixteen at a time, and for more one by one.
 */
const hidden = [/[\u007f-\u008e]/, /[\u008f-\u009d]/, /[\u009e\u009f\u2028\u2029]/] as const;
const allHidden = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * Returns the text as a JSON string that every reader takes: lone surrogates are U+FFFD, and DEL, the C1 controls,
 * U+2028 and U+2029 are escaped though JSON allows them raw (formats reference §1.1).
 */
export function jsonString(text: string): string {
  if (!special.test(text)) return `"${text}"`;
  const json = JSON.stringify(text.toWellFormed());
  const [first, second, third] = hidden;
  if (!(first.test(json) || second.test(json) || third.test(json))) return json;
  return json.replace(
    allHidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
