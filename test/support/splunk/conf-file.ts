/** A stanza of a .conf file: its settings in order, keys as written. */
export interface Stanza {
  readonly name: string;
  readonly line: number;
  readonly settings: ReadonlyMap<string, string>;
}

/** A .conf file as read, and what is wrong with how it is written. */
export interface ConfFile {
  readonly stanzas: readonly Stanza[];
  readonly problems: readonly string[];
}

/** Reads a .conf file: stanzas, `key = value`, `#` at the start of a line, and `\` at its end to go on. */
export function readConf(text: string): ConfFile {
  const stanzas: { name: string; line: number; settings: Map<string, string> }[] = [];
  const problems: string[] = [];
  for (const { line, text: logical } of logicalLines(text)) {
    const trimmed = logical.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const name = /^\[([^\]]*(?:\][^\]]+)*)\]$/.exec(trimmed)?.[1];
    if (name !== undefined) {
      if (stanzas.some((stanza) => stanza.name === name))
        problems.push(`line ${line}: [${name}] stands twice`);
      stanzas.push({ name, line, settings: new Map() });
      continue;
    }
    const setting = /^([^=\s][^=]*?)\s*=\s*([\s\S]*)$/.exec(trimmed);
    const settings = stanzas.at(-1)?.settings;
    if (setting === null) problems.push(`line ${line}: neither a stanza nor \`key = value\``);
    else if (settings === undefined) problems.push(`line ${line}: a setting before any stanza`);
    else if (settings.has(setting[1] ?? '')) problems.push(`line ${line}: ${setting[1]} stands twice`);
    else settings.set(setting[1] ?? '', (setting[2] ?? '').trim());
  }
  return { stanzas, problems };
}

/** Returns a stanza's setting; undefined where there is no such stanza or setting. */
export function setting(conf: ConfFile, stanza: string, key: string): string | undefined {
  return conf.stanzas.find(({ name }) => name === stanza)?.settings.get(key);
}

function logicalLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const goesOn = raw.endsWith('\\') && !raw.trimStart().startsWith('#');
    const part = goesOn ? raw.slice(0, -1) : raw;
    if (open !== undefined) open.text += `\n${part}`;
    else {
      open = { line: index + 1, text: part };
      lines.push(open);
    }
    if (!goesOn) open = undefined;
  }
  return lines;
}
