import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Findings, Part, Target } from './part.ts';
import { tableOf } from './table.ts';

/** Returns a part's figures as a section of Markdown. */
export function sectionOf(part: Part, findings: Findings): string {
  return `## ${part.title}\n\n${part.about}\n\n${findings.text}`;
}

/** Returns the targets beside what was measured, as a table. */
export function targetsTable(targets: readonly Target[]): string {
  return tableOf(
    [{ head: 'Target' }, { head: 'Asked', figures: true }, { head: 'Measured', figures: true }, { head: '' }],
    targets.map(({ what, asked, measured, met }) => [what, asked, measured, met ? 'met' : '**missed**']),
  );
}

/** Returns the page of results of a run with these arguments. */
export function pageOf(
  args: readonly string[],
  results: readonly { readonly part: Part; readonly findings: Findings }[],
): string {
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const targets = results.flatMap(({ findings }) => findings.targets);
  return `<!-- Written by \`${command}\`: change the bench, not this page. -->
# Benchmark

The figures of one run of \`${command}\` on ${machine()}. Ratios within one run hold on other machines too; the figures by themselves are of this one.

## Targets

${targetsTable(targets)}
${results.map(({ part, findings }) => sectionOf(part, findings)).join('\n')}`;
}

/** Returns the machine and what is installed on it, as a clause. */
export function machine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const { node, v8 } = process.versions;
  return `${new Date().toISOString().slice(0, 10)}: ${all[0]?.model.trim() ?? 'unknown processor'}, ${all.length} processors, ${memory} GiB, ${system()}, Node ${node} (V8 ${v8}), SQLite ${process.versions.sqlite ?? 'unknown'}`;
}

function system(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
