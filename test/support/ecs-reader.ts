import { ecs } from '../../src/lint/ecs/ecs.ts';

/** Reads a document of ECS as strictly as the schema has it; throws at anything that it or an index would not take. */
export function parseEcs(line: string): unknown {
  const findings = ecs.lint(line);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return JSON.parse(line);
}
