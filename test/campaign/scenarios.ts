import type { Scenario } from './scenario.ts';

/** Every scenario, in the order in which the campaign runs them. */
export const scenarios: readonly Scenario[] = [];
