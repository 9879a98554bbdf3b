import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConnectorError } from '../errors.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { crossCheck } from './checks.ts';
import type { Customer } from './customer.ts';
import { writeOutGroups } from './groups.ts';
import { type Complaint, complaintsOf, unworded } from './issues.ts';
import { jsonSchema } from './json-schema.ts';
import { listGroups } from './listed-customers.ts';
import { type Catalogue, everyPart, partsNamedIn } from './named-parts.ts';
import { ConfigProblems, type Path, type Problem, pathText } from './problems.ts';
import { fillProfiles, profileBehind } from './profiles.ts';
import { type Reference, unreadable } from './references.ts';
import { type Config, type ConfigParts, configSchema } from './schema.ts';
import type { TenantEntry } from './tenant.ts';
import { type ResolvedValues, resolveValues } from './values.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** Where the configuration is looked for when none is named, in this order (design §4). */
export const usualPaths = ['./defender-siem.yaml', '/etc/defender-siem/config.yaml'] as const;

/** Returns the path of the configuration: the one named, else the first of the usual paths that is there. */
export function findConfig(
  named: string | undefined,
  exists: (path: string) => boolean = existsSync,
): string {
  if (named !== undefined) return named;
  const found = usualPaths.find((path) => exists(path));
  if (found !== undefined) return found;
  const message = `There is no configuration: neither ${usualPaths.join(' nor ')} exists. Write one, or name it with --config.`;
  throw new ConnectorError('CONFIG_INVALID', message);
}

/** What credentials and paths of a configuration are looked up with. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads and validates a configuration file. Throws `ConfigProblems`, with the code CONFIG_INVALID, that lists all that
 * is wrong with it, each with its path and line. Credentials from `${file:…}` stay live: `Secret.read` follows the
 * file. `clock` paces those looks.
 */
export function loadConfig(
  path: string,
  parts: ConfigParts,
  env: Env = process.env,
  clock: Pick<Clock, 'now'> = systemClock,
): Config {
  return validated(readFile(path), { path, parts, env, clock });
}

/**
 * Does the same with the parts that the file names, and loads no others; all of them only to tell what is wrong with it.
 * The file is read before this returns.
 */
export async function loadNamedConfig(path: string, catalogue: Catalogue, env: Env): Promise<Config> {
  const file = readFile(path);
  const context = { path, env, clock: systemClock };
  const named = await partsNamedIn(file.value, catalogue);
  if (named !== undefined) {
    try {
      return validated(file, { ...context, parts: named });
    } catch (error) {
      if (!(error instanceof ConfigProblems)) throw error;
    }
  }
  return validated(file, { ...context, parts: await everyPart(catalogue) });
}

/** Throws `ConfigProblems` for a file that is no YAML, or empty. */
function readFile(path: string): YamlFile {
  const file = readYaml(readText(path));
  if (file.problems.length > 0) throw new ConfigProblems(path, file.problems);
  if (file.value === null || file.value === undefined) {
    const message = 'is empty: give it tenants, sources and sinks';
    throw new ConfigProblems(path, [{ path: '(file)', message, line: 1 }]);
  }
  return file;
}

/** What a file is validated with. */
interface Validation {
  readonly path: string;
  readonly parts: ConfigParts;
  readonly env: Env;
  readonly clock: Pick<Clock, 'now'>;
}

function validated(file: YamlFile, { path, parts, env, clock }: Validation): Config {
  const folder = dirname(resolve(path));
  const schema = jsonSchema(parts);
  const resolved = resolveValues(file.value, { schema, folder, env, clock });
  const value = fillProfiles(resolved.value, parts);
  const parsed = configSchema(parts).safeParse(value, { error: () => unworded });
  const groups = listGroups(value);
  const complaints = [
    ...complaintsOf(parsed.error?.issues ?? [], value, schema),
    ...groups.complaints,
    ...crossCheck(value, parts, folder, groups.customers),
  ];
  const problems = problemsOf(complaints, resolved, file, parts);
  if (!parsed.success || problems.length > 0) throw new ConfigProblems(path, problems);
  const config = writeOutGroups(parsed.data, (index) =>
    customersOf(parsed.data.tenants[index], groups.ofFiles.get(index)),
  );
  return { ...config, store: { ...config.store, path: resolve(folder, config.store.path) } };
}

/** A list in a file of its own is read; one that stands in the entry is there. */
function customersOf(
  entry: TenantEntry | undefined,
  ofFile: readonly Customer[] | undefined,
): readonly Customer[] {
  return ofFile ?? (Array.isArray(entry?.customers) ? entry.customers : []);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const message = `Cannot read the configuration: ${unreadable(path, error)}`;
    throw new ConnectorError('CONFIG_INVALID', message, { cause: error });
  }
}

function problemsOf(
  complaints: readonly Complaint[],
  resolved: ResolvedValues,
  file: YamlFile,
  parts: ConfigParts,
): Problem[] {
  const unresolved = new Set(resolved.problems.map(({ path }) => pathText(path)));
  const consequent = complaints.filter(({ path }) => !unresolved.has(pathText(path)));
  const all = [...resolved.problems, ...consequent].map(({ path, message }) => {
    const profile = profileBehind(path, resolved.value, parts);
    const origin = profile === undefined ? '' : ` (its value is that of the profile ${profile.name})`;
    return {
      path: pathText(path),
      message: withoutValues(message, referencesAt(path, resolved)) + origin,
      line: file.lineOf(profile?.path ?? path),
    };
  });
  return all.filter(
    (problem, index) =>
      all.findIndex(({ path, message }) => path === problem.path && message === problem.message) === index,
  );
}

function referencesAt(path: Path, resolved: ResolvedValues): readonly Reference[] {
  const text = pathText(path);
  return resolved.references
    .filter((each) => pathText(each.path) === text)
    .flatMap((each) => each.references);
}

/** Puts the reference as written in the place of what it stands for: the environment may hold a credential. */
function withoutValues(message: string, references: readonly Reference[]): string {
  let safe = message;
  for (const { written, value } of references) {
    if (value !== '') safe = safe.replaceAll(`'${value}'`, () => written);
    // A shorter text is no credential, and is found by chance in any message.
    if (value.length > 3 && safe.includes(value)) return `what ${written} stands for is not valid here`;
  }
  return safe;
}
