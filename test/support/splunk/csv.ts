/** Returns the rows of a lookup by the names of its first line. Throws at a row with another number of cells, or a quote. */
export function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const names = first.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    if (line.includes('"') || cells.length !== names.length) throw new Error(`not a plain row: ${line}`);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
