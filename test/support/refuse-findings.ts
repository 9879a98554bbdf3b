import type { Finding } from '../../src/lint/language.ts';

/** Throws the first of the findings; `level` error passes warnings over. */
export function refuseFindings(findings: readonly Finding[], level: 'error' | 'warning' = 'warning'): void {
  const [first] = level === 'warning' ? findings : findings.filter((finding) => finding.level === 'error');
  if (first !== undefined) throw new Error(`${first.at ?? 'message'}: ${first.message} (${first.rule})`);
}
