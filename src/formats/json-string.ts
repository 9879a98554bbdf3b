import { cleanText, cutTo, plainTest } from './clean.ts';
import { oneLine } from './json-text.ts';
import { recently } from './recent.ts';

// Text as it stands in a JSON string (formats reference §1.1, column JSON).

/** True of a value that is written as it is: nothing to clean, trim or escape, and not empty. */
const isPlain = plainTest('"\\');
/** True of a value in which nothing but quotes and backslashes is to be escaped. */
const isClean = plainTest('');

/** Returns text as a JSON string, cleaned; empty for what holds none. */
export const quoted: (text: string) => string = recently((text) => {
  if (isPlain(text)) return `"${text}"`;
  if (isClean(text)) return JSON.stringify(text);
  const cleaned = cleanText(text);
  return cleaned === '' ? '' : oneLine(JSON.stringify(cleaned));
});

/** Returns text as `quoted` does, cut to `max` code points; `cut` is called when something was. */
export function quotedUpTo(text: string, max: number, cut: () => void): string {
  if (text.length <= max) return quoted(text);
  const cleaned = cleanText(text);
  const short = cutTo(cleaned, max);
  if (short !== cleaned) cut();
  return short === '' ? '' : quotedCleaned(short);
}

/** Returns cleaned text as a JSON string, also where it is empty. */
export function quotedCleaned(cleaned: string): string {
  return oneLine(JSON.stringify(cleaned));
}
