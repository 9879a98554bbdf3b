import type { Report, Scenario } from './scenario.ts';

/** Runs the short form of a scenario, as `npm test` does; its notes are left out. */
export function shortForm(scenario: Scenario, seed = 1): Promise<Report> {
  return scenario.run({ seed, long: false, note: () => {} });
}
