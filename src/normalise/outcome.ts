import type { Evidence } from '../event.ts';
import { verdictRank } from './best-evidence.ts';

/** What a status says: that something was done, that it was merely seen, or how the remediation stands. */
const actionRanks: ReadonlyMap<string, number> = new Map([
  ['prevented', 0],
  ['blocked', 0],
  ['remediated', 0],
  ['partiallyremediated', 0],
  ['detected', 1],
]);

/** Statuses of a remediation that has not removed the threat, and of one that has not ended. */
const failed = ['active', 'unremediated', 'declined', 'partiallyremediated'];
const pending = ['pendingapproval', 'running'];

/** The part of an event that tells how it came out. */
export interface Outcome {
  /** 78 */ readonly action: string | undefined;
  /** 79 */ readonly remediationSucceeded: boolean | undefined;
  /** 80 */ readonly verdict: string | undefined;
}

/** Returns what was done, whether it succeeded, and the worst verdict, over all evidence of a record. */
export function outcomeOf(evidence: readonly Evidence[]): Outcome {
  return {
    action: actionOf(evidence),
    remediationSucceeded: remediationSucceeded(evidence),
    verdict: worstVerdict(evidence),
  };
}

/**
 * The status of the evidence with the worst verdict: that a harmless file was removed says nothing about the malicious
 * one beside it. Among equals, what was done goes before what was only detected.
 */
function actionOf(evidence: readonly Evidence[]): string | undefined {
  let action: string | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const { verdict, detectionStatus, remediationStatus } of evidence) {
    const detected = statusRank(detectionStatus, verdict);
    if (detected < bestRank) {
      action = detectionStatus;
      bestRank = detected;
    }
    const remediated = statusRank(remediationStatus, verdict);
    if (remediated < bestRank) {
      action = remediationStatus;
      bestRank = remediated;
    }
  }
  return action;
}

/** Returns infinity for a status that tells of nothing done. */
function statusRank(status: string | undefined, verdict: string | undefined): number {
  if (status === undefined || status === 'none') return Number.POSITIVE_INFINITY;
  const word = status.toLowerCase();
  if (word === 'none') return Number.POSITIVE_INFINITY;
  return verdictRank(verdict) * 10 + (actionRanks.get(word) ?? 2);
}

function remediationSucceeded(evidence: readonly Evidence[]): boolean | undefined {
  let hasPending = false;
  let succeeded: true | undefined;
  for (const { remediationStatus } of evidence) {
    if (remediationStatus === undefined || remediationStatus === 'none') continue;
    const status = remediationStatus.toLowerCase();
    if (failed.includes(status)) return false;
    if (pending.includes(status)) hasPending = true;
    if (status === 'remediated') succeeded = true;
  }
  return hasPending ? undefined : succeeded;
}

function worstVerdict(evidence: readonly Evidence[]): string | undefined {
  let worst: string | undefined;
  for (const { verdict } of evidence) {
    if (verdict === undefined) continue;
    if (worst === undefined || verdictRank(verdict) < verdictRank(worst)) worst = verdict;
  }
  return worst;
}
