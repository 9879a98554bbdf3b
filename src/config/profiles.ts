import type { SinkProfile } from '../sinks/profile.ts';
import type { Path } from './problems.ts';
import type { ConfigParts } from './schema.ts';

type Keys = Readonly<Record<string, unknown>>;

/**
 * Returns the file's value with what the profiles of its sinks decide, wherever a sink does not say otherwise itself. The
 * options of a profile's format are left out where the sink has another one.
 */
export function fillProfiles(value: unknown, parts: ConfigParts): unknown {
  if (!isKeys(value) || !Array.isArray(value.sinks)) return value;
  return { ...value, sinks: value.sinks.map((sink: unknown) => (isKeys(sink) ? filled(sink, parts) : sink)) };
}

/** Returns the profiles that a sink of this type can name. */
export function profilesOf(sinkType: unknown, profiles: readonly SinkProfile[]): readonly SinkProfile[] {
  return profiles.filter((profile) => profile.sinkType === sinkType);
}

/**
 * Returns the path of the word `profile` and its profile's name, where the value at `path` is the profile's and does not
 * stand in the file, of which `written` is the value; undefined for any other path.
 */
export function profileBehind(
  path: Path,
  written: unknown,
  { profiles }: Pick<ConfigParts, 'profiles'>,
): { readonly path: Path; readonly name: string } | undefined {
  const [list, index, key] = path;
  if (list !== 'sinks' || typeof index !== 'number' || !isKeys(written)) return undefined;
  const sink: unknown = Array.isArray(written.sinks) ? written.sinks[index] : undefined;
  if (!isKeys(sink) || key === undefined || Object.hasOwn(sink, key)) return undefined;
  const profile = profilesOf(sink.type, profiles).find(({ name }) => name === sink.profile);
  const decides = profile?.settings.some((setting) => setting.key.split('.', 1)[0] === key);
  return profile !== undefined && decides === true
    ? { path: [list, index, 'profile'], name: profile.name }
    : undefined;
}

function filled(sink: Keys, { profiles, formats }: ConfigParts): Keys {
  const profile = profilesOf(sink.type, profiles).find(({ name }) => name === sink.profile);
  if (profile === undefined) return sink;
  const decided: Record<string, unknown> = {};
  for (const { key, value } of profile.settings) {
    const [outer = key, inner] = key.split('.', 2);
    decided[outer] =
      inner === undefined ? value : { ...(decided[outer] as Keys | undefined), [inner]: value };
  }
  const format = sink.format ?? decided.format;
  const idle = formats.map(({ name }) => name).filter((name) => name !== format);
  for (const name of idle) delete decided[name];
  return merged(decided, sink);
}

/** Entries, not assignments: a file may have a key `__proto__`, which is to be told as unknown like any other. */
function merged(below: Keys, above: Keys): Keys {
  const whole = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const other = whole.get(key);
    whole.set(key, isKeys(value) && isKeys(other) ? merged(other, value) : value);
  }
  return Object.fromEntries(whole);
}

function isKeys(value: unknown): value is Keys {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
