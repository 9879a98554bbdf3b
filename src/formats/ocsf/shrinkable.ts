import type { SecurityEvent } from '../../event.ts';
import { cleanText, cutTo } from '../clean.ts';
import type { Importance, Part, Shrinkable } from '../size-budget.ts';
import { type Cuttable, cuttable, removable } from './shrink-steps.ts';

/** What is left of an event, and what of it is written beside. */
export interface Rest {
  readonly event: SecurityEvent;
  /** Whether the record is repeated as sent. */
  readonly raw: boolean;
  /** Whether values are listed that others look for: they repeat what stands elsewhere. */
  readonly observables: boolean;
  /** How many alerts of an incident are told. */
  readonly alerts: number;
}

/**
 * Returns the event as one that can be made shorter fact by fact (formats reference §4.8). It is the event that loses
 * its facts, in all places where it tells them, so that what is left is written as a whole and valid like any other.
 * What stands twice goes first.
 */
export function shrinkableEvent(whole: Rest, write: (rest: Rest) => string): Shrinkable {
  const { event } = whole;
  let rest = whole;
  let text: string | undefined;
  let left = [...event.evidence.keys()];
  const put = (change: Partial<Rest>): void => {
    rest = { ...rest, ...change };
    text = undefined;
  };
  const written = (): string => {
    text ??= write(rest);
    return text;
  };
  const part = (name: string, importance: Importance, valueBytes: number, remove: () => void): Part => ({
    name,
    importance,
    valueBytes,
    characters: 0,
    remove,
    cut: () => {},
  });

  const parts: Part[] = [];
  if (whole.raw) {
    parts.push(part('raw_data', 'recommendedActions', event.json.length, () => put({ raw: false })));
  }
  parts.push(part('observables', 'recommendedActions', 0, () => put({ observables: false })));
  for (const { name, importance, remove } of removable) {
    if (remove(event) === event) continue;
    const bytes = importance === 'longUrl' ? longestUrl(event) : 0;
    parts.push(part(name, importance, bytes, () => put({ event: remove(rest.event) })));
  }
  for (const { name, importance, textOf, with: replaced } of cuttable) {
    const characters = longest(event, textOf);
    if (characters === 0) continue;
    let uncut: SecurityEvent | undefined;
    parts.push({
      ...part(name, importance, characters, () => put({ event: replaced(rest.event, () => undefined) })),
      characters,
      cut: (most) => {
        uncut ??= rest.event;
        put({ event: replaced(uncut, (value) => cutTo(cleanText(value), most)) });
      },
    });
  }
  for (const index of furtherEvidence(event)) {
    parts.push(
      part('evidences', 'furtherEvidence', 0, () => {
        const at = left.indexOf(index);
        left = left.toSpliced(at, 1);
        put({ event: { ...rest.event, evidence: rest.event.evidence.toSpliced(at, 1) } });
      }),
    );
  }
  for (let count = 0; count < whole.alerts; count++) {
    parts.push(part('alerts', 'furtherEvidence', 0, () => put({ alerts: rest.alerts - 1 })));
  }
  return {
    parts,
    cut: [],
    hasSha256: event.file?.sha256 !== undefined,
    bytes: () => Buffer.byteLength(written()),
    text: written,
  };
}

/** Places of the pieces of evidence behind the first of their kind. */
function furtherEvidence({ evidence }: SecurityEvent): readonly number[] {
  const kinds = new Set<string>();
  return evidence.flatMap(({ type }, index) => {
    if (kinds.has(type)) return [index];
    kinds.add(type);
    return [];
  });
}

/** Code points of the longest text of a kind. */
function longest(event: SecurityEvent, textOf: Cuttable['textOf']): number {
  return Math.max(...[event, ...event.evidence].map((holder) => [...(textOf(holder) ?? '')].length));
}

function longestUrl(event: SecurityEvent): number {
  return Math.max(...[event, ...event.evidence].map(({ url }) => Buffer.byteLength(url ?? '')));
}
