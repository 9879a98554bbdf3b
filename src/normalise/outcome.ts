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

/**
 * Returns what was done (78): the status of the evidence with the worst verdict, since that a harmless file was removed says nothing about the malicious
 * one beside it. Among equals, what was done goes before what was only detected.
 */
export function actionOf(evidence: readonly Evidence[]): string | undefined {
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
  const known = actionRanks.get(status) ?? actionRanks.get(status.toLowerCase());
  if (known === undefined && status.toLowerCase() === 'none') return Number.POSITIVE_INFINITY;
  return verdictRank(verdict) * 10 + (known ?? 2);
}

/** Returns whether it succeeded (79), over all evidence; undefined while that is open. */
export function remediationSucceeded(evidence: readonly Evidence[]): boolean | undefined {
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

/** Returns the worst verdict among the evidence (80). */
export function worstVerdict(evidence: readonly Evidence[]): string | undefined {
  let worst: string | undefined;
  for (const { verdict } of evidence) {
    if (verdict === undefined) continue;
    if (worst === undefined || verdictRank(verdict) < verdictRank(worst)) worst = verdict;
  }
  return worst;
}
