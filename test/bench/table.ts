import type { Measured, Stage } from './stage.ts';

/** Returns the results as a Markdown table; the first row is the floor that all others are compared with. */
export function tableOf(rows: readonly { readonly stage: Stage; readonly measured: Measured }[]): string {
  const floor = rows[0]?.measured;
  const lines = rows.map(({ stage, measured }) => {
    const perSecond = measured.records / measured.wallSeconds;
    const cpu = (measured.cpuSeconds / measured.records) * 1e6;
    const ratio = floor === undefined ? 1 : perSecond / (floor.records / floor.wallSeconds);
    const cells = [
      stage.title,
      Math.round(perSecond).toLocaleString('en'),
      cpu.toFixed(1),
      (measured.peakBytes / 2 ** 20).toFixed(0),
      ratio.toFixed(2),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  const head = '| Stage | Records/s | CPU s per million | Peak memory, MiB | Ratio to the floor |\n';
  return `${head}| --- | ---: | ---: | ---: | ---: |\n${lines.join('')}`;
}
