import { ocsf } from '../../src/lint/ocsf/ocsf.ts';

/** Reads an event of OCSF as strictly as its schema has it; throws at anything that the schema does not take. */
export function parseOcsf(line: string): unknown {
  const findings = ocsf.lint(line).filter(({ level }) => level === 'error');
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return JSON.parse(line);
}
