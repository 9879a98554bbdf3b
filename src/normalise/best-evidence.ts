import type { Evidence } from '../event.ts';
import { noTexts } from './json-value.ts';

/** Roles from the most telling to the least (formats reference §11.4); `contextual` is last, behind no role at all. */
const deviceRoles = ['compromised', 'attacked', 'source', 'destination'] as const;
const partyRoles = ['attacker', 'commandAndControl', 'compromised', 'source', 'destination'] as const;

/** Roles of an address that is the far end of a connection made from here (formats reference §11.3, fact 62). */
const destinationRoles = ['destination', 'commandAndControl', 'scanned', 'attacked'];

/** Which roles tell more, for evidence of this kind. */
const rolesByFacet: { readonly [Facet in keyof Evidence]?: readonly string[] } = {
  device: deviceRoles,
  user: partyRoles,
  network: partyRoles,
};

/** Verdicts from the worst to the best; one that is missing or new ranks with `unknown`. */
const verdictRanks: ReadonlyMap<string, number> = new Map([
  ['malicious', 0],
  ['suspicious', 1],
  ['unknown', 2],
  ['nothreatsfound', 3],
]);

/** Returns the rank of a verdict: 0 for the worst. */
export function verdictRank(verdict: string | undefined): number {
  if (verdict === undefined || verdict === 'unknown') return 2;
  return verdictRanks.get(verdict) ?? verdictRanks.get(verdict.toLowerCase()) ?? 2;
}

/** True when one of the roles says that the address is where something from here went to. */
export function isDestination(roles: readonly string[]): boolean {
  return roles.length > 0 && roles.some((role) => destinationRoles.includes(role));
}

/**
 * Returns the evidence whose `facet` fills a target with one slot: the worst verdict, then the most telling role, then
 * the first (formats reference §11.4). Evidence that is of the facet's own kind (`ownTypes`) goes before evidence that
 * merely carries such a facet, as a container image does a file's hash.
 */
export function bestEvidence(
  evidence: readonly Evidence[],
  facet: keyof Evidence,
  ownTypes: readonly string[] = noTexts,
): Evidence | undefined {
  let best: Evidence | undefined;
  // The rank of the best is worked out when there is another: of most kinds an alert has one piece.
  let bestRank = -1;
  for (const item of evidence) {
    if (item[facet] === undefined) continue;
    if (best === undefined) {
      best = item;
      continue;
    }
    if (bestRank < 0) bestRank = rankOf(best, facet, ownTypes);
    const rank = rankOf(item, facet, ownTypes);
    if (rank >= bestRank) continue;
    best = item;
    bestRank = rank;
  }
  return best;
}

function rankOf(
  { type, verdict, roles }: Evidence,
  facet: keyof Evidence,
  ownTypes: readonly string[],
): number {
  const foreign = ownTypes.includes(type) ? 0 : 1;
  return foreign * 1000 + verdictRank(verdict) * 100 + roleRank(roles, rolesByFacet[facet] ?? noTexts);
}

function roleRank(held: readonly string[], order: readonly string[]): number {
  if (held.length === 0) return order.length;
  const index = order.findIndex((role) => held.includes(role));
  if (index >= 0) return index;
  return order.length > 0 && held.includes('contextual') ? order.length + 1 : order.length;
}
