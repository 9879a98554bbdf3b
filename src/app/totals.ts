import type { Finding, Health } from './health.ts';

/** How many there are, and how many of them are not well. */
export interface Count {
  readonly total: number;
  readonly notWell: number;
}

/** What all tenants, sources and sinks come to together. */
export interface HealthTotals {
  /** A tenant is not well when one of its sources or its credential is not. */
  readonly tenants: Count;
  readonly sources: Count;
  readonly sinks: Count;
  /** Records accepted since the store began, of the sources that are configured. */
  readonly accepted: number;
  /** Spans set aside. */
  readonly gaps: number;
  /** Of the sources that were read to the end of a window once, the one that is furthest behind; `lagMs`: by how much. */
  readonly furthestBehind: { readonly source: string; readonly lagMs: number } | undefined;
  /** Events that the sinks still have to look at, over all of them, and dead letters. */
  readonly backlog: number;
  readonly deadLetters: number;
}

/** Returns the totals of what was found. */
export function totalsOf({
  sources,
  sinks,
  credentials,
}: Pick<Health, 'sources' | 'sinks' | 'credentials'>): HealthTotals {
  const tenants = new Set([...credentials.map(({ name }) => name), ...sources.map(({ tenant }) => tenant)]);
  const notWell = new Set([
    ...credentials.filter(isNotWell).map(({ name }) => name),
    ...sources.filter(isNotWell).map(({ tenant }) => tenant),
  ]);
  return {
    tenants: { total: tenants.size, notWell: notWell.size },
    sources: countOf(sources),
    sinks: countOf(sinks),
    accepted: sum(sources, ({ accepted }) => accepted),
    gaps: sum(sources, ({ gaps }) => gaps),
    furthestBehind: sources.reduce<HealthTotals['furthestBehind']>(
      (furthest, { name, lagMs }) =>
        lagMs === undefined || lagMs <= (furthest?.lagMs ?? -1) ? furthest : { source: name, lagMs },
      undefined,
    ),
    backlog: sum(sinks, ({ backlog }) => backlog),
    deadLetters: sum(sinks, ({ deadLetters }) => deadLetters),
  };
}

function countOf(findings: readonly Finding[]): Count {
  return { total: findings.length, notWell: findings.filter(isNotWell).length };
}

function isNotWell({ healthy }: Finding): boolean {
  return !healthy;
}

function sum<Each>(all: readonly Each[], count: (each: Each) => number): number {
  return all.reduce((total, each) => total + count(each), 0);
}
