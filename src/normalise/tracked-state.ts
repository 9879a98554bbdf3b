import type { Change, Changes } from '../event.ts';

/** Pieces of evidence of which a kept state holds the identities; of further ones it holds how many there are. */
const mostPieces = 64;
/** Characters of a value that a kept state holds. */
const mostCharacters = 256;

/** Those facts of an alert of which a later state tells what has become of them; values as sent, undefined for none. */
export interface TrackedState {
  readonly severity: string | undefined;
  readonly status: string | undefined;
  readonly classification: string | undefined;
  readonly determination: string | undefined;
  readonly assignedTo: string | undefined;
  /** What tells each piece of evidence from the others (`evidence-identity.ts`), without repeats. */
  readonly evidence: readonly string[];
}

/** A state as it was kept: of much evidence, `pieces` says how much there was. */
export interface KeptState extends TrackedState {
  readonly pieces: number;
}

const values = ['severity', 'status', 'classification', 'determination', 'assignedTo'] as const;

/** Returns a state as `SourceRecord.tracked` keeps it: some 100 bytes, and up to 18 for each piece of evidence up to 64. */
export function trackedText(state: TrackedState): string {
  const { severity, status, classification, determination, assignedTo, evidence } = state;
  const kept = evidence.length > mostPieces ? evidence.slice(0, mostPieces) : evidence;
  return (
    `[${quoted(severity)},${quoted(status)},${quoted(classification)},${quoted(determination)},` +
    `${quoted(assignedTo)},${evidence.length},"${kept.join(' ')}"]`
  );
}

/** As JSON; nearly all values are plain words, which are their own JSON between quotes. */
function quoted(value: string | undefined): string {
  if (value === undefined) return 'null';
  return plainWord.test(value) ? `"${value}"` : JSON.stringify(bounded(value));
}

const plainWord = /^[\w .@-]{0,64}$/;

/** Returns the state that the text keeps; undefined when it holds none. */
export function readTracked(text: string): KeptState | undefined {
  const parts = partsOf(text);
  if (parts?.length !== values.length + 2) return undefined;
  const [severity, status, classification, determination, assignedTo] = parts.map((part) =>
    typeof part === 'string' ? part : undefined,
  );
  const pieces = parts.at(-2);
  const evidence = parts.at(-1);
  if (typeof pieces !== 'number' || typeof evidence !== 'string') return undefined;
  const identities = evidence === '' ? [] : evidence.split(' ');
  return { severity, status, classification, determination, assignedTo, evidence: identities, pieces };
}

/**
 * Returns what `now` changed against `before`. New evidence is counted exactly while `before` had at most 64 pieces;
 * beyond that, a piece of which only the number is known may pass for one of the old, so that it is the least there is.
 */
export function changesBetween(before: KeptState, now: TrackedState): Changes {
  const changes: { -readonly [Name in (typeof values)[number]]?: Change } = {};
  for (const name of values) {
    const from = before[name];
    const to = bounded(now[name]);
    if (from !== to) changes[name] = { from, to };
  }
  const known = new Set(before.evidence);
  const unknown = now.evidence.filter((identity) => !known.has(identity)).length;
  return { ...changes, newEvidence: Math.max(0, unknown - (before.pieces - known.size)) };
}

function bounded(value: string | undefined): string | undefined {
  return value === undefined || value.length <= mostCharacters
    ? value
    : `${value.slice(0, mostCharacters - 1).toWellFormed()}…`;
}

function partsOf(text: string): readonly unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}
