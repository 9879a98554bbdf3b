/** Longer texts are not kept: what is kept for good stays below 2 MiB, whatever the records hold. */
const longest = 512;

/**
 * Returns the function, which keeps what it found for texts that it was asked for lately, in so many places (a power of
 * two). Most of what a record tells it tells in several places, and tenants, devices, accounts and folders come again
 * from record to record: where an answer takes 60 to 400 ns, a kept one takes 20.
 */
export function recently<Found>(find: (text: string) => Found, places = 1024): (text: string) => Found {
  const texts = new Array<string | undefined>(places);
  const found = new Array<Found | undefined>(places);
  const last = places - 1;
  return (text) => {
    const { length } = text;
    if (length > longest) return find(text);
    const place = length === 0 ? 0 : placeOf(text, length) & last;
    // Where a text is kept, what was found for it is.
    if (texts[place] === text) return found[place] as Found;
    const answer = find(text);
    texts[place] = text;
    found[place] = answer;
    return answer;
  };
}

/** Times differ towards their end, paths and names in their middle. */
function placeOf(text: string, length: number): number {
  const middle = text.charCodeAt(length >> 1);
  const late = text.charCodeAt((length * 3) >> 2);
  return length * 41 + middle * 31 + late * 7 + text.charCodeAt(length - 1) * 131;
}
