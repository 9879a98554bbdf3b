import type { SecurityEvent } from '../../event.ts';
import { cutTo } from '../clean.ts';
import { oneLine } from '../json-text.ts';
import type { Importance, Part, Shrinkable } from '../size-budget.ts';
import { evidenceKinds, memberImportance, repeatedElements } from './json-importance.ts';
import { type Member, parseMembers, renderMember } from './json-members.ts';

/**
 * Returns the record of an event, `text` on one line, as one whose members can be left out; undefined when it is no
 * JSON object. What stays is verbatim but for a command line or path that is cut.
 */
export function shrinkableJson(event: SecurityEvent, text: string): Shrinkable | undefined {
  const record = parseMembers(text);
  if (record === undefined) return undefined;
  let bytes = Buffer.byteLength(renderMember(record));
  const parts: Part[] = [];

  const addPart = (member: Member, parent: Member, importance: Importance): void => {
    const value = isCut(importance) ? stringValue(member) : undefined;
    parts.push({
      name: nameOf(member.path, importance),
      importance,
      valueBytes: Buffer.byteLength(renderMember(member)) - Buffer.byteLength(member.key),
      characters: value === undefined ? 0 : [...value].length,
      remove: () => {
        const comma = parent.children.some((child) => child !== member && !child.removed) ? 1 : 0;
        bytes -= Buffer.byteLength(renderMember(member)) + comma;
        member.removed = true;
      },
      cut: (characters) => {
        bytes -= Buffer.byteLength(member.text);
        member.text = oneLine(JSON.stringify(cutTo(value ?? '', characters)));
        bytes += Buffer.byteLength(member.text);
      },
    });
  };
  collectParts(record, memberImportance[event.kind], addPart);

  return {
    parts,
    cut: [],
    hasSha256: event.file?.sha256 !== undefined,
    bytes: (truncated) => {
      const marker = truncatedMember(truncated);
      if (marker === '') return bytes;
      return bytes + Buffer.byteLength(marker) + (record.children.every((child) => child.removed) ? 0 : 1);
    },
    text: (truncated) => renderMember(record, truncatedMember(truncated)),
  };
}

/** A member beside which nothing of a known importance stands below is one part; others are taken apart. */
function collectParts(
  parent: Member,
  importanceOf: ReadonlyMap<string, Importance>,
  addPart: (member: Member, parent: Member, importance: Importance) => void,
): void {
  const kinds = new Set<string>();
  for (const member of parent.children) {
    const importance = importanceOf.get(member.path);
    if (importance === 'kept') continue;
    if (importance !== undefined) addPart(member, parent, importance);
    else if (repeatedElements.has(member.path) && isFurther(member, kinds)) {
      addPart(member, parent, 'furtherEvidence');
    } else if (holdsNamed(member, importanceOf)) collectParts(member, importanceOf, addPart);
    else addPart(member, parent, 'other');
  }
}

function holdsNamed(member: Member, importanceOf: ReadonlyMap<string, Importance>): boolean {
  return member.children.some((child) => importanceOf.has(child.path) || holdsNamed(child, importanceOf));
}

/** True of evidence whose kind has been seen, and of an alert behind the first; notes the kind. */
function isFurther(evidence: Member, kinds: Set<string>): boolean {
  const kind = evidence.children.find((member) => evidenceKinds.has(member.path))?.text ?? '';
  const seen = kinds.has(kind);
  kinds.add(kind);
  return seen;
}

/**
 * The path, where a rule names it; else the record's member that it belongs to, since the names of all that evidence
 * can hold would take the room that is lacking.
 */
function nameOf(path: string, importance: Importance): string {
  return importance === 'other' || importance === 'furtherEvidence' ? path.replace(/\[.*$/s, '') : path;
}

function isCut(importance: Importance): boolean {
  return importance === 'commandLine' || importance === 'filePath';
}

/** The text that a member holds; undefined when it holds none. */
function stringValue(member: Member): string | undefined {
  if (!member.text.startsWith('"')) return undefined;
  try {
    return String(JSON.parse(member.text));
  } catch {
    return undefined; // an escape that is none: the member can be removed, yet not cut
  }
}

function truncatedMember(names: readonly string[]): string {
  return names.length === 0
    ? ''
    : `"defenderSiemTruncated":[${names.map((name) => JSON.stringify(name)).join()}]`;
}
