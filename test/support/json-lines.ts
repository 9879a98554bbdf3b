import type { Json } from './bicep/compile.ts';

const lineWidth = 110;

/**
 * Returns a value as the formatter of this repository writes it in a file: objects over several lines, lists of plain
 * values on one where they fit.
 */
export function jsonFile(value: Json): string {
  return `${written(value, '', 0)}\n`;
}

/** `before`: how many characters stand on the line before the value; one more may follow it. */
function written(value: Json, indent: string, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const onOneLine = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const plain = value.every((item) => typeof item !== 'object' || item === null);
    if (plain && before + onOneLine.length < lineWidth) return onOneLine;
    return `[\n${value.map((item: Json) => deeper + written(item, deeper, deeper.length)).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, each]) => {
    const start = `${deeper}${JSON.stringify(key)}: `;
    return start + written(each, deeper, start.length);
  });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}
