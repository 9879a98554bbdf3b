import type { Endpoints } from '../../identity/clouds.ts';
import type { Plan } from '../plan.ts';

/** What a printed plan needs to know beside its steps. */
export interface PrintContext {
  readonly endpoints: Pick<Endpoints, 'cloud' | 'authority' | 'origins'>;
  /** From when the lifetimes of credentials count, ms since 1970. */
  readonly nowMs: number;
}

/** A language that a plan can be printed in. */
export interface Printer {
  /** What `--print` calls it. */
  readonly format: string;
  /**
   * Returns the plan as a text that does the same elsewhere. It holds no secret: certificates and secrets are made where
   * it runs. What the language cannot express stands in it as a comment that says how else.
   */
  print(plan: Plan, context: PrintContext): string;
}
