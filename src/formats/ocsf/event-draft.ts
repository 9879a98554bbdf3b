import type { Evidence, SecurityEvent } from '../../event.ts';
import { recordIdentity } from '../../event.ts';
import { type Choice, chosen } from './choice.ts';
import { Draft, type OcsfVersion } from './draft.ts';
import { type WrittenEvidence, writeEvidence } from './evidence.ts';

/** A profile that an event can declare. */
export type Profile = 'cloud' | 'host' | 'incident' | 'security_control';

/** A class of OCSF. */
export interface EventClass {
  readonly uid: number;
  readonly caption: string;
  readonly category: { readonly uid: number; readonly caption: string };
}

/** Pieces of evidence as they were written, by the piece: they are the larger part, and stay the same. */
export type EvidenceCache = WeakMap<Evidence, WrittenEvidence>;

/** What is collected while an event is written. */
export class EventDraft extends Draft {
  readonly event: SecurityEvent;
  readonly profiles = new Set<Profile>();
  /** Texts that the schema has no attribute for, as members of `unmapped`. */
  unmapped = '';
  readonly #cache: EvidenceCache;

  constructor(event: SecurityEvent, version: OcsfVersion, cache: EvidenceCache) {
    super(version, recordIdentity(event));
    this.event = event;
    this.#cache = cache;
  }

  /** Writes a piece of evidence, once however often it is asked for. */
  evidence(item: Evidence, index: number): WrittenEvidence {
    const known = this.#cache.get(item);
    if (known !== undefined) return known;
    const written = writeEvidence(item, this.version, `${this.processUid}/${index}`);
    this.#cache.set(item, written);
    return written;
  }
}

/** Returns the members that say what an event is: category, class, activity and type. */
export function classification(type: EventClass, activity: Choice): string {
  const { uid, caption, category } = type;
  const activityName = activity.caption.slice(1, -1);
  return (
    chosen('activity_id', 'activity_name', activity) +
    `,"category_uid":${category.uid},"category_name":"${category.caption}"` +
    `,"class_uid":${uid},"class_name":"${caption}"` +
    `,"type_uid":${uid * 100 + activity.id},"type_name":"${caption}: ${activityName}"`
  );
}
