import type { Evidence } from '../event.ts';

/** Roles from the most telling to the least (formats reference §11.4); `contextual` is last, behind no role at all. */
const deviceRoles = ['compromised', 'attacked', 'source', 'destination'] as const;
const partyRoles = ['attacker', 'commandAndControl', 'compromised', 'source', 'destination'] as const;

/** Roles of an address that is the far end of a connection made from here (formats reference §11.3, fact 62). */
const destinationRoles = ['destination', 'commandAndControl', 'scanned', 'attacked'];

/** What makes a piece of evidence the best of those that have a facet, beside its verdict. */
export interface Preference {
  /** Evidence of the facet's own kind goes before what merely carries it, as a container image does a file's hash. */
  readonly types: readonly string[];
  /** Which roles tell more. */
  readonly roles: readonly string[];
}

/** Preferences by facet; of a network's, an address has one, and a connection only its roles. */
export const preferences = {
  device: { types: ['deviceEvidence', 'Machine'], roles: deviceRoles },
  user: { types: ['userEvidence', 'User'], roles: partyRoles },
  file: { types: ['fileEvidence', 'File'], roles: [] },
  process: { types: ['processEvidence', 'Process'], roles: [] },
  address: { types: ['ipEvidence', 'Ip'], roles: partyRoles },
  connection: { types: [], roles: partyRoles },
  registry: { types: ['registryValueEvidence', 'Registry'], roles: [] },
  message: { types: ['analyzedMessageEvidence', 'MailMessage'], roles: [] },
  mailbox: { types: ['mailboxEvidence', 'Mailbox'], roles: [] },
  cloudResource: {
    types: ['azureResourceEvidence', 'amazonResourceEvidence', 'googleCloudResourceEvidence'],
    roles: [],
  },
  application: {
    types: ['cloudApplicationEvidence', 'oauthApplicationEvidence', 'CloudApplication'],
    roles: [],
  },
  container: { types: ['containerEvidence'], roles: [] },
  other: { types: [], roles: [] },
} as const satisfies Readonly<Record<string, Preference>>;

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
 * Returns which of two pieces of evidence fills a target with one slot: the worst verdict, then the most telling role,
 * then the first (formats reference §11.4). The second takes part when its `facet` is there. Nothing is ranked where there
 * is one: of most kinds an alert has no other.
 */
export function better(
  first: Evidence | undefined,
  second: Evidence,
  facet: unknown,
  preference: Preference,
): Evidence | undefined {
  if (facet === undefined) return first;
  if (first === undefined) return second;
  return rankOf(second, preference) < rankOf(first, preference) ? second : first;
}

function rankOf({ type, verdict, roles }: Evidence, preference: Preference): number {
  const foreign = preference.types.includes(type) ? 0 : 1;
  return foreign * 1000 + verdictRank(verdict) * 100 + roleRank(roles, preference.roles);
}

function roleRank(held: readonly string[], order: readonly string[]): number {
  if (held.length === 0) return order.length;
  const index = order.findIndex((role) => held.includes(role));
  if (index >= 0) return index;
  return order.length > 0 && held.includes('contextual') ? order.length + 1 : order.length;
}
