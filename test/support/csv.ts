/** Returns the rows of a CSV file without quotes, by the names of its first line. Throws at a row of another width. */
export function plainCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    if (cells.length !== names.length || line.includes('"')) throw new Error(`not a plain row: ${line}`);
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}
