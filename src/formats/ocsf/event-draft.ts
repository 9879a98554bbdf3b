import { type Evidence, recordIdentity, type SecurityEvent } from '../../event.ts';
import type { Choice } from './choice.ts';
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

/** What was written of an event already: its larger parts, which stay the same when it is made shorter. */
export interface Written {
  /** Only of an event that is too long: one that is written once asks for each but once. */
  evidence: WeakMap<Evidence, WrittenEvidence> | undefined;
  /** What each alert of an incident found. */
  alerts: readonly string[] | undefined;
}

/** What is collected while an event is written. */
export class EventDraft extends Draft {
  readonly event: SecurityEvent;
  readonly profiles: Profile[] = [];
  readonly written: Written;
  /** Texts that the schema has no attribute for, as members of `unmapped` with a comma between them. */
  unmapped = '';

  constructor(event: SecurityEvent, version: OcsfVersion, written: Written) {
    super(version, recordIdentity(event));
    this.event = event;
    this.written = written;
  }

  /** Forgets what was collected for a class that the event turned out not to be of. */
  clear(): void {
    this.observables.length = 0;
    this.unplaced.length = 0;
    this.windows = false;
    this.profiles.length = 0;
    this.unmapped = '';
  }

  /** Writes a piece of evidence, once however often it is asked for. */
  evidence(item: Evidence, index: number): WrittenEvidence {
    const known = this.written.evidence?.get(item);
    if (known !== undefined) return known;
    const made = writeEvidence(item, this.version, `${this.processUid}/${index}`);
    this.written.evidence?.set(item, made);
    return made;
  }

  addProfile(profile: Profile): void {
    if (!this.profiles.includes(profile)) this.profiles.push(profile);
  }

  /** Adds a member to `unmapped`, where it has a value. */
  addUnmapped(name: string, json: string): void {
    if (json !== '') this.unmapped += `${this.unmapped === '' ? '' : ','}"${name}":${json}`;
  }
}

/** Returns the members that say what an event is: category, class, activity and type. */
export function classification(type: EventClass, activity: Choice): string {
  const { uid, caption, category } = type;
  const activityName = activity.caption.slice(1, -1);
  return (
    `"activity_id":${activity.id},"activity_name":${activity.caption}` +
    `,"category_uid":${category.uid},"category_name":"${category.caption}"` +
    `,"class_uid":${uid},"class_name":"${caption}"` +
    `,"type_uid":${uid * 100 + activity.id},"type_name":"${caption}: ${activityName}"`
  );
}
