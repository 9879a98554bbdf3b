import { ip as address } from '../address.ts';
import { booleanType, formedType, numberType, textType } from '../document-row.ts';
import { integer64, port as portNumber } from '../number-text.ts';
import { isoText } from '../time-text.ts';

// Types by the words that an index's mapping has for them (formats reference §6.2). None is cut: what an index does not search
// it still keeps.

/** Words, compared as a whole. */
export const keyword = textType('keyword');
/** Long words, searched with wildcards. */
export const wildcard = textType('wildcard');
/** Text for people. */
export const matchOnlyText = textType('match_only_text');
/** An IP address and nothing else: a name there loses the whole document. */
export const ip = formedType('ip', address);
/** A time with `Z`, to 100 ns. */
export const date = formedType('date', isoText);
/** A whole number of 64 bits. */
export const long = numberType('long', integer64);
/** A port, 0–65535. */
export const port = numberType('long', portNumber);
export const boolean = booleanType('boolean');
/** A list of objects, whose fields each are lists in the index. */
export const object = textType('object');
