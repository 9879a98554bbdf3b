/** One metric of an exposition: its samples by their labels, as sent. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reads the Prometheus text format 0.0.4 as strictly as its description allows, and throws at anything else: each
 * family once, HELP before TYPE before its samples, a line feed after each line, no series twice.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const series = new Set<string>();
  let current: Family | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!metricName.test(name) || helps.has(name)) throw new Error(`HELP: ${line}`);
      helps.set(name, unescaped(rest, { n: '\n', '\\': '\\' }));
    } else if (keyword === 'TYPE') {
      const help = helps.get(name);
      const known = families.has(name) || !['counter', 'gauge'].includes(rest);
      if (help === undefined || known) throw new Error(`TYPE: ${line}`);
      current = { name, type: rest, help, samples: [] };
      families.set(name, current);
    } else {
      if (series.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`a series twice: ${line}`);
      series.add(line.slice(0, line.lastIndexOf(' ')));
      readSample(line, current);
    }
  }
  return families;
}

function readSample(line: string, family: Family | undefined): void {
  const [, name, labels, number = ''] =
    /^([^\s{]+)(?:\{((?:[^"\\}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)$/.exec(line) ?? [];
  const value = /^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(number) ? Number(number) : Number.NaN;
  if (family === undefined || name !== family.name || Number.isNaN(value)) throw new Error(`sample: ${line}`);
  family.samples.push({ labels: readLabels(labels ?? ''), value });
}

function readLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole = '', name = '', value = ''] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,(?=.)|$)/s.exec(rest) ?? [];
    if (whole === '' || name in labels) throw new Error(`labels: ${text}`);
    labels[name] = unescaped(value, { n: '\n', '\\': '\\', '"': '"' });
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescaped(text: string, escapes: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\\(.?)/gs, (written, character: string) => {
    const meant = escapes[character];
    if (meant === undefined) throw new Error(`escape ${written} in ${text}`);
    return meant;
  });
}
