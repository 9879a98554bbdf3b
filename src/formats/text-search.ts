/**
 * V8 steps over 16 bytes at once where it looks for one of up to so many characters, and over one or two where there are
 * more: 60 ns for 600 characters in place of 600 to 960 ns (measured on V8 14.6). Characters that agree in their low 7
 * bits count as one there.
 */
const charactersPerSearch = 16;

const lowBits = 0x7f;
/** Returns a test that is true of text which holds one of the UTF-16 code units, or of further ranges of them. */
export function holdsOneOf(codes: readonly number[], ranges = ''): (text: string) => boolean {
  const search = searchFor(codes, ranges);
  return (text) => search.test(text);
}

/** Returns the same test, made for long text of Latin-1: it looks several times for some of the characters. */
export function longHoldsOneOf(codes: readonly number[], ranges = ''): (text: string) => boolean {
  const byLowBits = [...Map.groupBy(codes, (code) => code & lowBits).values()];
  const searches: RegExp[] = [];
  for (let from = 0; from < byLowBits.length; from += charactersPerSearch) {
    // Ranges beyond Latin-1 are no part of a search in Latin-1.
    searches.push(
      searchFor(byLowBits.slice(from, from + charactersPerSearch).flat(), from === 0 ? ranges : ''),
    );
  }
  return (text) => {
    for (const search of searches) if (search.test(text)) return true;
    return false;
  };
}

function searchFor(codes: readonly number[], ranges: string): RegExp {
  const characters = codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`);
  return new RegExp(`[${characters.join('')}${ranges}]`);
}
