import { fileURLToPath } from 'node:url';
import { messageOf } from '../../src/errors.ts';
import type { Report, Scale, Scenario } from './scenario.ts';

/** Broken promises shown of each scenario, and characters of each. */
const mostShown = 20;
const longestLine = 1000;

/**
 * Runs scenarios one after the other and prints a line for each, with its figures, and one for every promise that did
 * not hold. One that throws counts as broken, and the next one runs all the same. Resolves with how many promises broke.
 */
export async function runCampaign(
  scenarios: readonly Scenario[],
  scale: Omit<Scale, 'note'>,
  print: (line: string) => void,
): Promise<number> {
  let broken = 0;
  for (const scenario of scenarios) {
    const startedMs = performance.now();
    const report = await runOne(scenario, { ...scale, note: (line) => print(`  ${line}`) });
    broken += report.broken.length;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const verdict = report.broken.length === 0 ? 'holds' : 'BROKEN';
    print(`${scenario.name}: ${figuresLine(report.figures)} (${verdict}, ${seconds} s, seed ${scale.seed})`);
    if (report.broken.length > 0) print(`  the promise: ${scenario.promise}`);
    for (const line of report.broken.slice(0, mostShown)) print(`  broken: ${line.slice(0, longestLine)}`);
    const more = report.broken.length - mostShown;
    if (more > 0) print(`  broken: and ${more} more`);
  }
  return broken;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

async function runOne(scenario: Scenario, scale: Scale): Promise<Report> {
  try {
    return await scenario.run(scale);
  } catch (error) {
    const place = error instanceof Error ? (error.stack?.split('\n    ')[1] ?? '').replace(root, '') : '';
    return { figures: {}, broken: [`it ended with an error: ${messageOf(error)} ${place}`.trimEnd()] };
  }
}

function figuresLine(figures: Report['figures']): string {
  const entries = Object.entries(figures);
  if (entries.length === 0) return 'no figures';
  return entries.map(([name, value]) => `${name} ${value}`).join(', ');
}
