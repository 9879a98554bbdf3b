import type { Change, SecurityEvent } from '../event.ts';

/** What is told of a state that changed none of the facts that are followed. */
const unchanged = 'none';
/** Words that need no quotes: no `;`, quote or space, with which a value could pass for a further change. */
const plainWord = /^[\p{L}\p{N}_.@+\\-]+$/u;

/**
 * Returns what a later state of an alert changed, such as `severity: low -> high; new evidence: 2`; `none` when it
 * changed nothing of that, undefined for the first state. A value that is no plain word stands in quotes as in JSON,
 * and `none` without quotes is no value: whatever a value holds, the text can be taken apart again at `; `.
 */
export function changesText({ changes }: Pick<SecurityEvent, 'changes'>): string | undefined {
  if (changes === undefined) return undefined;
  const { severity, status, classification, determination, assignedTo, newEvidence } = changes;
  const told = [
    ...changed('severity', severity),
    ...changed('status', status),
    ...changed('classification', classification),
    ...changed('determination', determination),
    ...changed('owner', assignedTo),
    ...(newEvidence > 0 ? [`new evidence: ${newEvidence}`] : []),
  ];
  return told.join('; ') || unchanged;
}

function changed(name: string, change: Change | undefined): readonly string[] {
  return change === undefined ? [] : [`${name}: ${word(change.from)} -> ${word(change.to)}`];
}

function word(value: string | undefined): string {
  if (value === undefined) return unchanged;
  return plainWord.test(value) && value !== unchanged ? value : JSON.stringify(value);
}
