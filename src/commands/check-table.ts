import type { CheckedSubject } from '../app/live-check/live-check.ts';
import type { Finding, Result } from '../app/live-check/report.ts';

const words: Readonly<Record<Result, string>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'failed',
  unknown: 'unknown',
  'not-tried': 'not tried',
};

/** SGR parameters (ECMA-48 §8.3.117). */
const colours: Readonly<Record<Result, string>> = {
  ok: '32',
  warning: '33',
  failed: '31',
  unknown: '2',
  'not-tried': '2',
};

const resultWidth = Math.max(...Object.values(words).map((word) => word.length));

/**
 * Returns what was found out about one tenant or sink as an aligned table: result, what was looked at, what was found,
 * and under it what to do.
 */
export function tableOf({ title, findings }: CheckedSubject, coloured: boolean): string {
  const paint = (text: string, sgr: string) => (coloured ? `\u001b[${sgr}m${text}\u001b[0m` : text);
  const whatWidth = Math.max(...findings.map(({ what }) => what.length), 0);
  const indent = ' '.repeat(2 + resultWidth + 2 + whatWidth + 2);
  const rows = findings.flatMap(({ result, what, finding, advice }) => {
    const colour = colours[result];
    const row = `  ${paint(words[result].padEnd(resultWidth), colour)}  ${what.padEnd(whatWidth)}  ${shown(finding)}`;
    return advice === undefined ? [row] : [row, `${indent}${paint(`→ ${shown(advice)}`, colour)}`];
  });
  return [paint(title, '1'), ...rows].join('\n');
}

/** Returns how many findings there are of each kind, those there are none of left out. */
export function tallyOf(findings: readonly Finding[]): string {
  const order: readonly Result[] = ['ok', 'warning', 'failed', 'unknown', 'not-tried'];
  return order
    .map((result) => ({ result, count: findings.filter((finding) => finding.result === result).length }))
    .filter(({ count, result }) => count > 0 || result === 'ok')
    .map(({ result, count }) => `${count} ${words[result]}`)
    .join(', ');
}

/** What others wrote (certificates, answers) must not steer the terminal. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
