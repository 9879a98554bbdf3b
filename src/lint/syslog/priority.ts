import type { Finding } from '../language.ts';
import { error, offset, quoted } from '../text.ts';

/** The PRI of a message. */
export interface PriorityReading {
  /** Undefined where there is none. */
  readonly priority: number | undefined;
  /** Where the rest of the message begins. */
  readonly end: number;
  readonly findings: readonly Finding[];
}

/** Reads `<0>` to `<191>`: facility × 8 + severity; `rule` names the section. */
export function readPriority(text: string, rule: string): PriorityReading {
  const match = /^\s*<([^>]{0,8})>/.exec(text);
  if (match === null) {
    return {
      priority: undefined,
      end: 0,
      findings: [error('PRI', rule, 'is not there: a message begins with <0> to <191>')],
    };
  }
  const [whole, digits = ''] = match;
  const findings: Finding[] = [];
  if (!whole.startsWith('<')) findings.push(error(offset(0), rule, 'white space before the PRI'));
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > 191) {
    findings.push(
      error(
        'PRI',
        rule,
        `${quoted(digits)} is none: it is facility × 8 + severity, 0 to 191, without leading zeros`,
      ),
    );
    return { priority: undefined, end: whole.length, findings };
  }
  return { priority: Number(digits), end: whole.length, findings };
}
