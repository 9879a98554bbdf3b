import type { Format } from '../formats/format.ts';
import { type Listed, loadAll } from '../runtime/listed.ts';
import type { SinkProfile } from '../sinks/profile.ts';
import type { SinkType } from '../sinks/sink.ts';
import type { SourceType } from '../sources/source-type.ts';
import type { ConfigParts } from './schema.ts';
import { defaultSourceType } from './source.ts';

/** The lists of what a configuration can name, nothing of it loaded. */
export interface Catalogue {
  readonly sinkTypes: readonly Listed<SinkType>[];
  readonly formats: readonly Listed<Format>[];
  readonly sourceTypes: readonly Listed<SourceType>[];
  readonly profiles: readonly Listed<SinkProfile>[];
}

/** Loads all that a configuration can name. */
export async function everyPart({
  sinkTypes,
  formats,
  sourceTypes,
  profiles,
}: Catalogue): Promise<ConfigParts> {
  return {
    sinkTypes: await loadAll(sinkTypes),
    formats: await loadAll(formats),
    sourceTypes: await loadAll(sourceTypes),
    profiles: await loadAll(profiles),
  };
}

/**
 * Loads what a configuration names, `value` being its file's; undefined where that cannot be told from the file alone.
 * With these parts it is read as with all of them, if it is valid; what is wrong with it takes all of them to tell.
 */
export async function partsNamedIn(value: unknown, catalogue: Catalogue): Promise<ConfigParts | undefined> {
  const sources = entriesOf(value, 'sources');
  const sinks = entriesOf(value, 'sinks');
  const sourceTypes = await loadNamed(
    catalogue.sourceTypes,
    sources.map(({ type = defaultSourceType }) => type),
  );
  const sinkTypes = await loadNamed(
    catalogue.sinkTypes,
    sinks.map(({ type }) => type),
  );
  const profiles = await loadNamed(
    catalogue.profiles,
    sinks.flatMap(({ profile }) => (profile === undefined ? [] : [profile])),
  );
  const formats = await loadNamed(catalogue.formats, [
    ...sinks.flatMap(({ format }) => (format === undefined ? [] : [format])),
    ...(sinkTypes ?? []).map(({ defaultFormat }) => defaultFormat),
    ...(profiles ?? []).flatMap(({ settings }) => settings.filter(isFormat).map((setting) => setting.value)),
  ]);
  // Of no source or sink, the schema could not be made.
  if (!sourceTypes?.length || !sinkTypes?.length || formats === undefined || profiles === undefined) {
    return undefined;
  }
  return { sourceTypes, sinkTypes, formats, profiles };
}

/** Undefined where one of the names is not in the list: misspelt, or a reference to what stands elsewhere. */
async function loadNamed<Part>(
  list: readonly Listed<Part>[],
  names: readonly unknown[],
): Promise<readonly Part[] | undefined> {
  const unknown = names.some((name) => list.every((each) => each.name !== name));
  return unknown ? undefined : loadAll(list.filter(({ name }) => names.includes(name)));
}

function isFormat({ key }: SinkProfile['settings'][number]): boolean {
  return key === 'format';
}

function entriesOf(value: unknown, list: string): readonly Readonly<Record<string, unknown>>[] {
  const entries = (value as Readonly<Record<string, unknown>> | null | undefined)?.[list];
  return Array.isArray(entries) ? entries.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}
