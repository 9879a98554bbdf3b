import type { Format, FormatField } from '../../src/formats/format.ts';
import { explanationOf, idleExplanations } from './explanations.ts';
import { type Source, type SourceGroup, sourceGroups } from './specimens.ts';
import {
  connectionTenant,
  isHash,
  type Origin,
  type Origins,
  tracedFormat,
  traceOrigins,
  wholeRecord,
} from './trace.ts';

/** The mapping of every format, from every source, as Markdown pages, and what cannot be told of it. */
export interface MappingPages {
  /** A page of how to read the others, and one for each format, by path from the repository's root. */
  readonly pages: ReadonlyMap<string, string>;
  /** Fields that no source fills, and that nothing explains; explanations of none; and what is written though it is not listed. */
  readonly unexplained: readonly string[];
}

interface TracedSource extends Source {
  readonly origins: readonly { readonly name: string; readonly origins: Origins }[];
}

interface TracedGroup extends Omit<SourceGroup, 'sources'> {
  readonly sources: readonly TracedSource[];
}

const readingPage = 'connectors/mapping.md';

/** So many characters of a constant are shown. */
const mostCharacters = 60;

/** Returns the pages; runs the formats on records of every source, which takes some seconds. */
export function mappingPages(formats: readonly Format[]): MappingPages {
  const written = formats.filter(({ fields }) => fields.length > 0);
  const traced = written.map(tracedFormat);
  const groups = sourceGroups().map((group) => ({
    ...group,
    sources: group.sources.map((source) => ({
      ...source,
      origins: source.specimens.map((specimen) => ({
        name: specimen.name,
        origins: traceOrigins(specimen, traced),
      })),
    })),
  }));
  const unexplained: string[] = [];
  const verbatim = formats.filter(({ fields }) => fields.length === 0).map(({ name }) => `\`${name}\``);
  const pages = new Map([[readingPage, introduction(written, verbatim.join(', '))]]);
  for (const [at, format] of written.entries()) {
    pages.set(`connectors/${pageOf(format)}`, formatPage(format, at, groups, unexplained));
  }
  return { pages, unexplained };
}

/** Returns the paths of the pages of these formats, the one of how to read the others first. */
export function pagePaths(formats: readonly Format[]): readonly string[] {
  const written = formats.filter(({ fields }) => fields.length > 0);
  return [readingPage, ...written.map((format) => `connectors/${pageOf(format)}`)];
}

function pageOf({ name }: Format): string {
  return `mapping-${name}.md`;
}

function introduction(formats: readonly Format[], verbatim: string): string {
  const links = formats.map((format) => `[\`${format.name}\`](${pageOf(format)})`);
  return `# Where each field comes from

Written by \`npm run docs\`, which runs the code on a record of each source with a value of its own in every field, changes
and removes one after the other, and looks at what becomes of the output.

What each format writes of each source: ${links.join(', ')}.

- Paths joined by + stand together in the field, or decide it together. What takes the place of a missing value comes
  after "else"; the words in quotes at the end are written when there is nothing else.
- Behind a semicolon begins what is true of another kind of record or evidence.
- A value in quotes alone is the same in every record. "Hash" is one of the record's content.
- \`evidence[file].fileDetails.sha1\` is the SHA-1 of evidence of type \`fileEvidence\` or \`File\`. Of several pieces of one
  type the best counts: by verdict, then role, then place; fields with \`[]\` take all.
- Names in brackets behind a path say of which table, or of which kind of object, it is true. Rows of advanced hunting are
  named by their columns; \`time\`, \`tenantId\` and \`category\` stand in the envelope of a streamed row.
- "Fact" is the number by which the code names what a field carries. Fields of no source are explained at the end of a page.
${verbatim === '' ? '' : `- ${verbatim} writes the record as Microsoft sent it, so that every field has its name there.\n`}`;
}

function formatPage(
  format: Format,
  at: number,
  groups: readonly TracedGroup[],
  unexplained: string[],
): string {
  const filled = new Set<string>();
  unexplained.push(...unlisted(format, at, groups));
  const tables = groups.map(({ title, sources }) => {
    const rows = format.fields.flatMap((field) => {
      const cells = sources.map((source) => cellOf(source, at, field.name));
      if (cells.every((cell) => cell === '')) return [];
      filled.add(field.name);
      return [[fieldCell(field), String(field.fact ?? ''), ...cells]];
    });
    return `## ${title}\n\n${table(['Field', 'Fact', ...sources.map(({ name }) => name)], rows)}`;
  });
  const others = format.fields.filter(({ name }) => !filled.has(name));
  unexplained.push(
    ...idleExplanations(
      format.name,
      others.map(({ name }) => name),
    ),
  );
  const explained = others.flatMap((field) => {
    const explanation = explanationOf(format.name, field.name);
    if (explanation === undefined) unexplained.push(`${format.name}: ${field.name}`);
    return explanation === undefined ? [] : [[fieldCell(field), String(field.fact ?? ''), explanation]];
  });
  const rest =
    explained.length === 0
      ? ''
      : `\n## Fields of no source\n\n${table(['Field', 'Fact', 'What it is'], explained)}`;
  return `# Where each field of \`${format.name}\` comes from\n\nWritten by \`npm run docs\`; [how to read it](mapping.md).\n\n${tables.join('\n')}${rest}`;
}

function unlisted(format: Format, at: number, groups: readonly TracedGroup[]): readonly string[] {
  const listed = new Set(format.fields.map(({ name }) => name));
  const written = groups.flatMap(({ sources }) =>
    sources.flatMap((source) => source.origins.flatMap(({ origins }) => [...(origins[at]?.keys() ?? [])])),
  );
  return [...new Set(written)]
    .filter((name) => !listed.has(name))
    .map((name) => `${format.name}: ${name}, which it does not list`);
}

function fieldCell({ name, label, type }: FormatField): string {
  const notes = [label, type].filter((note) => note !== undefined);
  return `\`${name}\`${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** Paths that all decide a hash are not told one by one. */
const mostPaths = 8;

/** Where a field comes from in a source: what all its specimens tell alike once, else each with the names of those. */
function cellOf({ origins, specimens }: TracedSource, at: number, field: string): string {
  const names = new Map<string, string[]>();
  let tellers = 0;
  for (const [index, { name, origins: formats }] of origins.entries()) {
    const origin = formats[at]?.get(field);
    // Of a specimen that is looked at in part, the rest says nothing.
    if (origin === undefined || (origin.steps.length === 0 && specimens[index]?.within !== undefined))
      continue;
    tellers++;
    const text = originText(origin);
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  const named = specimens.length > 1 && specimens.every(({ within }) => within === undefined);
  return [...names]
    .map(([text, of]) =>
      named && (names.size > 1 || tellers < specimens.length) ? `${text} (${of.join(', ')})` : text,
    )
    .join('; ');
}

/** What every piece of evidence has, whatever its kind. */
const commonNames =
  /\[\w+\](\.(?:verdict|remediationStatus|remediationStatusDetails|detectionStatus|roles|detailedRoles|tags|createdDateTime|evidenceCreationTime)\b)/;

function originText({ steps, otherwise }: Origin): string {
  const texts = steps.map((paths) => {
    if (paths.length > mostPaths && otherwise !== undefined && isHash(otherwise)) return 'hash';
    return [...new Set(paths.map(shownPath))].join(' + ');
  });
  if (otherwise !== undefined) texts.push(constant(otherwise));
  return [...new Set(texts)].join(', else ');
}

function shownPath(path: string): string {
  return code(path.replace(/^properties\./, '').replace(commonNames, '[]$1'));
}

/** A value that is in no path: a word of the mapping, or a hash of all the record. */
function constant(value: string): string {
  if (value === connectionTenant || value === wholeRecord) return value;
  if (isHash(value)) return 'hash';
  const short = value.length <= mostCharacters ? value : `${value.slice(0, mostCharacters)}…`;
  return `"${short.replaceAll('|', '\\|').replaceAll('\n', ' ')}"`;
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
