import type { Evidence } from '../event.ts';

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
  return verdictRanks.get(verdict?.toLowerCase() ?? 'unknown') ?? 2;
}

/** True when one of the roles says that the address is where something from here went to. */
export function isDestination(roles: readonly string[]): boolean {
  return roles.some((role) => destinationRoles.includes(role));
}

/**
 * Returns the evidence whose `facet` fills a target with one slot: the worst verdict, then the most telling role, then
 * the first (formats reference §11.4). Evidence that is of the facet's own kind (`ownTypes`) goes before evidence that
 * merely carries such a facet, as a container image does a file's hash.
 */
export function bestEvidence(
  evidence: readonly Evidence[],
  facet: keyof Evidence,
  ownTypes: readonly string[] = [],
): Evidence | undefined {
  const roles = rolesByFacet[facet] ?? [];
  let best: Evidence | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const item of evidence) {
    if (item[facet] === undefined) continue;
    const foreign = ownTypes.includes(item.type) ? 0 : 1;
    const rank = foreign * 1000 + verdictRank(item.verdict) * 100 + roleRank(item.roles, roles);
    if (rank >= bestRank) continue;
    best = item;
    bestRank = rank;
  }
  return best;
}

function roleRank(held: readonly string[], order: readonly string[]): number {
  const index = order.findIndex((role) => held.includes(role));
  if (index >= 0) return index;
  return order.length > 0 && held.includes('contextual') ? order.length + 1 : order.length;
}
