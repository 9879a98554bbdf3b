import { type Instant, parseInstant } from '../fields/instant.ts';
import type { ApiRecordKind } from '../record.ts';
import type { FilterValue } from './odata-filter.ts';
import { trimmed } from './times.ts';

/** One state of a record that was put in by hand. */
export interface InjectedState {
  readonly id: string;
  /** The record's text, character for character as it was put in. */
  readonly json: string;
  /** The update time exactly as it stands in the record. */
  readonly version: string;
  readonly created: Instant;
  readonly updated: Instant;
  readonly visibleAt: number;
  /** Returns a property for filters; what is no text or number is null, a time an instant. */
  read(property: string): FilterValue;
}

const fields: Readonly<Record<ApiRecordKind, { id: string; created: string; updated: string }>> = {
  'graph-alert': { id: 'id', created: 'createdDateTime', updated: 'lastUpdateDateTime' },
  alert: { id: 'id', created: 'alertCreationTime', updated: 'lastUpdateTime' },
  detection: { id: 'FullId', created: 'LastProcessedTimeUtc', updated: 'LastProcessedTimeUtc' },
};
const times = /(?:DateTime|Time|TimeUtc)$/;

/** Records put in by hand, each kind shown by its own API only, exactly as they were written. */
export class InjectedRecords {
  readonly #states = new Map<ApiRecordKind, Map<string, InjectedState[]>>();

  /**
   * Puts in the record `json`, or another state of one that is there. `now` (ms since 1970) stands for a time that
   * the record does not have. Throws SyntaxError when it is no JSON object, or has no id.
   */
  add(kind: ApiRecordKind, json: string, now: Instant, visibleAt: number): InjectedState {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new SyntaxError(`a record of kind ${kind} is a JSON object`);
    }
    const properties = parsed as Readonly<Record<string, unknown>>;
    const { id, created, updated } = fields[kind];
    const name = properties[id];
    if (typeof name !== 'string') throw new SyntaxError(`a record of kind ${kind} has a text '${id}'`);
    const state: InjectedState = {
      id: name,
      json,
      version: typeof properties[updated] === 'string' ? properties[updated] : trimmed(now),
      created: instantIn(properties[created]) ?? now,
      updated: instantIn(properties[updated]) ?? now,
      visibleAt,
      read: (property) => filterValue(property, properties[property]),
    };
    const ofKind = this.#states.get(kind) ?? new Map<string, InjectedState[]>();
    this.#states.set(kind, ofKind);
    const known = ofKind.get(name);
    if (known === undefined) ofKind.set(name, [state]);
    else known.push(state);
    return state;
  }

  /** Returns the newest visible state of each record of `kind`. */
  visible(kind: ApiRecordKind, now: number): InjectedState[] {
    const seen: InjectedState[] = [];
    for (const states of this.#states.get(kind)?.values() ?? []) {
      const state = states.findLast((candidate) => candidate.visibleAt <= now);
      if (state !== undefined) seen.push(state);
    }
    return seen;
  }

  /** Returns all states of each record of `kind`, by id. */
  all(kind: ApiRecordKind): ReadonlyMap<string, readonly InjectedState[]> {
    return this.#states.get(kind) ?? new Map();
  }
}

function instantIn(value: unknown): Instant | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}

function filterValue(property: string, value: unknown): FilterValue {
  if (times.test(property)) return instantIn(value) ?? null;
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
