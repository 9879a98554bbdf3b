import { type JsonSchema, jsonSchema } from './json-schema.ts';
import type { ConfigParts } from './schema.ts';

/** One key of the reference. */
interface Row {
  /** The way to it within its section: `tls.ca`. */
  readonly key: string;
  readonly type: string;
  /** As written in a file, or `required`. */
  readonly byDefault: string;
  readonly description: string;
}

/**
 * Returns the configuration reference as a Markdown page: every key with its type, default and meaning, the keys of
 * sources and sinks by their type, and what the kinds of text are.
 */
export function markdownReference(parts: ConfigParts): string {
  const root = jsonSchema(parts);
  const sections = Object.entries(root.properties ?? {}).map(([name, schema]) =>
    section(name, schema, root.required?.includes(name) === true),
  );
  return `# Configuration reference

Written from the schema by \`npm run docs\`; \`defender-siem schema\` prints the same for editors.

The file is YAML 1.2, \`./defender-siem.yaml\`, else \`/etc/defender-siem/config.yaml\`, unless \`--config\` names another.
Unknown keys are errors. In any text may stand \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:PATH}\`; \`$\${\`
stands for a plain \`\${\`. Within \`{ }\` and \`[ ]\` such a text needs quotes. A credential that is wholly one
\`\${file:PATH}\` is read again when the file changes. Relative paths start at the folder of the configuration file.

${sections.join('\n')}
${profilesSection(parts)}## Kinds of text

${table(
  ['Kind', 'What it is'],
  Object.entries(root.$defs ?? {}).map(([kind, schema]) => [
    `<a id="${anchor(kind)}"></a>${kind}`,
    schema.description ?? '',
  ]),
)}`;
}

/** What each profile sets, and why. */
function profilesSection({ profiles }: ConfigParts): string {
  if (profiles.length === 0) return '';
  const each = profiles.map(({ name, sinkType, receiver, settings }) => {
    const rows = settings.map(({ key, value, why }) => [`\`${key}\``, `\`${String(value)}\``, why]);
    const title = `### \`profile: ${name}\` of \`type: ${sinkType}\``;
    return `${title}\n\nFor ${receiver}.\n\n${table(['Key', 'Value', 'Why'], rows)}`;
  });
  return `## Profiles\n\nOne word sets what a receiver needs; what a sink says itself goes before it.\n\n${each.join('\n')}\n`;
}

function section(name: string, schema: JsonSchema, required: boolean): string {
  const heading = `## ${name}\n\n${schema.description ?? ''}${required ? ' Required.' : ''}\n`;
  if (schema.items === undefined) return `${heading}\n${keyTable(rowsOf(schema, ''))}`;
  const branches = schema.items.oneOf;
  if (branches === undefined)
    return `${heading} Each entry:\n\n${keyTable(rowsOf(schema.items, ''))}`.replace('\n Each', ' Each');
  return `${heading}\n${byType(name, branches)}`;
}

/** The keys that all types have in common first, then those of each type. */
function byType(name: string, branches: readonly JsonSchema[]): string {
  const tables = branches.map((branch) => ({
    type: String(branch.properties?.type?.const),
    isDefault: branch.properties?.type?.default !== undefined,
    rows: rowsOf(branch, '').filter(({ key }) => key !== 'type'),
  }));
  const groups = tables.map(({ rows }) => Map.groupBy(rows, ({ key }) => key.replace(/\..*/, '')));
  const isCommon = ({ key }: Row) => {
    const texts = groups.map((group) => JSON.stringify(group.get(key.replace(/\..*/, ''))));
    return new Set(texts).size === 1;
  };
  const common = tables[0]?.rows.filter(isCommon) ?? [];
  const ofTypes = tables.map(({ type, isDefault, rows }) => {
    const own = rows.filter((row) => !isCommon(row));
    const title = `### ${name}: \`type: ${type}\`${isDefault ? ' (the default)' : ''}`;
    return `${title}\n\n${own.length === 0 ? 'Only the keys of every entry.\n' : keyTable(own)}`;
  });
  const preset = tables.find(({ isDefault }) => isDefault);
  const types: Row = {
    key: 'type',
    type: tables.map(({ type }) => `\`${type}\``).join(', '),
    byDefault: preset === undefined ? 'required' : `\`${preset.type}\``,
    description: 'Decides which of the further keys below there are.',
  };
  const [named, others] = [common.filter(isName), common.filter((row) => !isName(row))];
  return `Every entry:\n\n${keyTable([...named, types, ...others])}\n${ofTypes.join('\n')}`;
}

function isName({ key }: Row): boolean {
  return key === 'name';
}

function rowsOf(schema: JsonSchema, above: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = `${above}${name}`;
    const row = {
      key,
      type: typeText(property),
      byDefault: schema.required?.includes(name) === true ? 'required' : defaultText(property),
      description: property.description ?? (kindOf(property) === 'name' ? 'Unique among its kind.' : ''),
    };
    return [row, ...nested(property).flatMap((schema) => rowsOf(schema, `${key}.`))];
  });
}

/** The schemas of the keys below a property: of itself, of the entries of a list, of each kind of object it may be. */
function nested(property: JsonSchema): readonly JsonSchema[] {
  if (property.$ref !== undefined) return [];
  if (property.items !== undefined) return nested(property.items);
  return (property.anyOf ?? property.oneOf)?.flatMap((branch) => nested(branch)) ?? [property];
}

function typeText(schema: JsonSchema): string {
  const kind = kindOf(schema);
  if (kind !== undefined) return `[${kind}](#${anchor(kind)})`;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return branches.map(typeText).join(' or ');
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'whole number' : 'number'}${bounds(schema)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return `list of ${typeText(schema.items ?? {})}`;
    default:
      return typeof schema.additionalProperties === 'object'
        ? `keys with ${typeText(schema.additionalProperties)}`
        : 'keys';
  }
}

function bounds({ minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : '';
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : '';
  return `${from}${to}`;
}

/** `{}` as a default only says that the keys below have defaults of their own. */
function defaultText({ default: value }: JsonSchema): string {
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function kindOf(schema: JsonSchema): string | undefined {
  return schema.$ref?.replace('#/$defs/', '');
}

function anchor(kind: string): string {
  return `kind-${kind.toLowerCase()}`;
}

function keyTable(rows: readonly Row[]): string {
  return table(
    ['Key', 'Type', 'Default', 'Meaning'],
    rows.map(({ key, type, byDefault, description }) => [`\`${key}\``, type, byDefault, description]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}
