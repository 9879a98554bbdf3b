/** A row of a CSV text, and the line in which it begins, from 1. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** What a CSV text holds. `unclosedAt`: the line of a quote that is never closed. */
export interface Csv {
  readonly rows: readonly CsvRow[];
  readonly unclosedAt: number | undefined;
}

/**
 * Reads CSV (RFC 4180), of LF too, with or without a byte order mark. Between fields stands what does so in the first
 * line, a comma or a semicolon, which spreadsheets write where the comma is decimal. Lines without text are left out.
 */
export function readCsv(text: string): Csv {
  const whole = text.replace(/^\uFEFF/, '');
  const [first = ''] = whole.split(/\r?\n/, 1);
  const separator = first.includes(';') && !first.includes(',') ? ';' : ',';
  const rows: CsvRow[] = [];
  let unclosedAt: number | undefined;
  let line = 1;
  let fields: string[] = [];
  let startedAt = 1;
  for (let at = 0; at <= whole.length; ) {
    const { value, end, closed } = fieldAt(whole, at, separator);
    if (!closed) unclosedAt ??= line;
    fields.push(value.trim());
    line += whole.slice(at, end).split('\n').length - 1;
    at = end;
    if (whole[at] === separator) {
      at++;
      continue;
    }
    if (fields.some((field) => field !== '')) rows.push({ fields, line: startedAt });
    fields = [];
    at += whole[at] === '\r' && whole[at + 1] === '\n' ? 2 : 1;
    line++;
    startedAt = line;
  }
  return { rows, unclosedAt };
}

/** Returns the field that begins at `at`, and where it ends: at a separator, a line's end or the text's. */
function fieldAt(
  text: string,
  at: number,
  separator: string,
): { readonly value: string; readonly end: number; readonly closed: boolean } {
  const quoted = /^[ \t]*"/.exec(text.slice(at, at + 64));
  if (quoted === null) {
    const end = endOf(text, at, separator);
    return { value: text.slice(at, end), end, closed: true };
  }
  let value = '';
  for (let from = at + quoted[0].length; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { value: value + text.slice(from), end: text.length, closed: false };
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, end: endOf(text, quote + 1, separator), closed: true };
    value += '"';
    from = quote + 2;
  }
}

function endOf(text: string, at: number, separator: string): number {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return end;
}
