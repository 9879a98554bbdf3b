import type { SecurityEvent } from '../../event.ts';
import { type Choice, choice, choiceOf, choices, otherChoice, unknown } from './choice.ts';

// Enumerations that tell how something came out (formats reference §8.2).

/** Severities on the scale of OCSF. */
export const severities: Readonly<Record<SecurityEvent['severity'], Choice>> = {
  unknown,
  informational: choice(1, 'Informational'),
  low: choice(2, 'Low'),
  medium: choice(3, 'Medium'),
  high: choice(4, 'High'),
  critical: choice(5, 'Critical'),
};

const evidenceVerdicts = choices({
  unknown: [0, 'Unknown'],
  suspicious: [4, 'Suspicious'],
  nothreatsfound: [5, 'Benign'],
  clean: [5, 'Benign'],
});

/** 80: what Defender makes of a piece of evidence. */
export function evidenceVerdict(word: string): Choice {
  return choiceOf(evidenceVerdicts, word);
}

const classifications = choices({
  truepositive: [2, 'True Positive'],
  falsepositive: [1, 'False Positive'],
  informationalexpectedactivity: [5, 'Benign'],
  unknown: [0, 'Unknown'],
});
const test = choice(6, 'Test');

/** 10, 11: what an analyst made of an alert. */
export function classificationVerdict(classification: string, determination: string | undefined): Choice {
  const expected = classification.toLowerCase() === 'informationalexpectedactivity';
  if (expected && determination?.toLowerCase() === 'securitytesting') return test;
  return choiceOf(classifications, classification);
}

const findingStatuses = choices({
  new: [1, 'New'],
  inprogress: [2, 'In Progress'],
  'in progress': [2, 'In Progress'],
  resolved: [4, 'Resolved'],
  unknown: [0, 'Unknown'],
});

/** 9: how far an alert has been dealt with. */
export function findingStatus(word: string): Choice {
  return choiceOf(findingStatuses, word);
}

const incidentStatuses = choices({
  active: [1, 'New'],
  new: [1, 'New'],
  inprogress: [2, 'In Progress'],
  'in progress': [2, 'In Progress'],
  awaitingaction: [3, 'On Hold'],
  resolved: [4, 'Resolved'],
  redirected: [5, 'Closed'],
  unknown: [0, 'Unknown'],
});

/** 9: how far an incident has been dealt with. */
export function incidentStatus(word: string): Choice {
  return choiceOf(incidentStatuses, word);
}

/** What a security control did, and what came of it. */
export interface Outcome {
  readonly action: Choice;
  readonly disposition: Choice;
}

const denied = choice(2, 'Denied');
const observed = choice(3, 'Observed');
const modified = choice(4, 'Modified');
const allowed = choice(1, 'Allowed');
const detected: Outcome = { action: observed, disposition: choice(15, 'Detected') };
const blocked: Outcome = { action: denied, disposition: choice(2, 'Blocked') };
const uncorrected: Outcome = { action: observed, disposition: choice(13, 'Uncorrected') };

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ...['blocked', 'prevented', 'block'].map((word) => [word, blocked] as const),
  ...['none', 'detected', 'notfound', 'audit', 'active'].map((word) => [word, detected] as const),
  ['remediated', { action: modified, disposition: choice(11, 'Corrected') }],
  ['partiallyremediated', { action: modified, disposition: choice(12, 'Partially Corrected') }],
  ['quarantined', { action: modified, disposition: choice(3, 'Quarantined') }],
  ['quarantine', { action: modified, disposition: choice(3, 'Quarantined') }],
  ['removed', { action: modified, disposition: choice(5, 'Deleted') }],
  ['deleted', { action: modified, disposition: choice(5, 'Deleted') }],
  ['unremediated', uncorrected],
  ['declined', uncorrected],
  ['allowed', { action: allowed, disposition: choice(1, 'Allowed') }],
  ['delivered', { action: allowed, disposition: choice(1, 'Allowed') }],
]);

/** 78, 79: what was done; one that did not succeed has corrected nothing. */
export function outcomeOf(action: string, succeeded: boolean | undefined): Outcome {
  const found = outcomes.get(action.toLowerCase());
  if (found === undefined) return { action: unknown, disposition: otherChoice(action) };
  return found.action === modified && succeeded === false ? uncorrected : found;
}
