/** A column of a table: its head, and whether it holds figures. */
export interface Column {
  readonly head: string;
  readonly figures?: true;
}

/** Returns a Markdown table, its columns as wide as their widest cell: it reads as well on a terminal. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ head }, at) =>
    Math.max(head.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${columns.map(({ figures }, at) => padded(cells[at] ?? '', widths[at] ?? 0, figures)).join(' | ')} |\n`;
  const rule = columns.map(({ figures }, at) => {
    const width = widths[at] ?? 0;
    return figures === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
  });
  return [columns.map(({ head }) => head), rule, ...rows].map(line).join('');
}

function padded(text: string, width: number, figures: true | undefined): string {
  return figures === true ? text.padStart(width) : text.padEnd(width);
}
