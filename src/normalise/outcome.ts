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
  for (const item of evidence) {
    for (const status of [item.detectionStatus, item.remediationStatus]) {
      const word = status?.toLowerCase();
      if (word === undefined || word === 'none') continue;
      const rank = verdictRank(item.verdict) * 10 + (actionRanks.get(word) ?? 2);
      if (rank >= bestRank) continue;
      action = status;
      bestRank = rank;
    }
  }
  return action;
}

function remediationSucceeded(evidence: readonly Evidence[]): boolean | undefined {
  const statuses = evidence.map((item) => item.remediationStatus?.toLowerCase() ?? '');
  if (statuses.some((status) => failed.includes(status))) return false;
  if (statuses.some((status) => pending.includes(status))) return undefined;
  return statuses.includes('remediated') ? true : undefined;
}

function worstVerdict(evidence: readonly Evidence[]): string | undefined {
  let worst: string | undefined;
  for (const { verdict } of evidence) {
    if (verdict === undefined) continue;
    if (worst === undefined || verdictRank(verdict) < verdictRank(worst)) worst = verdict;
  }
  return worst;
}
