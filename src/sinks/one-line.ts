/** What starts a new line or ends a text somewhere on the way (formats reference §1.1): LF, CR, VT, FF, NEL, LS, PS, NUL. */
const lineBreaks = /[\n\r\v\f\0\u0085\u2028\u2029]+/g;

/**
 * Returns the text on one line: each run of line breaks becomes a space, a lone surrogate U+FFFD. A format's text has
 * none of these; this is the last guard, so that no text can start a message of its own (design §3, promise 3).
 */
export function oneLine(text: string): string {
  return text.replace(lineBreaks, ' ').toWellFormed();
}
