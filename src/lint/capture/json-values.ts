/** A value of JSON text, by where it stands. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

const mark = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;
const between = /[\s,:]*/y;
const scalar = /[^\s,:{}[\]"]+/y;

/**
 * Returns the values that stand one behind the other from `start` to `end`, with white space, commas or colons between
 * them: stacked objects, elements of an array, names and values of an object. The last is whatever is left, where it
 * does not end.
 */
export function jsonValues(text: string, start = 0, end = text.length): readonly JsonPlace[] {
  const places: JsonPlace[] = [];
  for (let at = start; at < end; ) {
    between.lastIndex = at;
    between.test(text);
    at = between.lastIndex;
    if (at >= end) break;
    const valueEnd = Math.min(endOf(text, at), end);
    places.push({ start: at, end: valueEnd });
    at = valueEnd;
  }
  return places;
}

function endOf(text: string, at: number): number {
  scalar.lastIndex = at;
  if (scalar.test(text)) return scalar.lastIndex;
  mark.lastIndex = at;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [found] = match;
    if (found === '{' || found === '[') depth++;
    else if (found === '}' || found === ']') depth--;
    if (depth <= 0) return mark.lastIndex;
  }
  return text.length;
}
