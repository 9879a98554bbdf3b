import data from './schema.json' with { type: 'json' };

/** An attribute of an object or class, in one version of the schema. */
export interface Attribute {
  /** A scalar, an object of `objects`, or `object` for one of which only that it is an object is known. */
  readonly type: string;
  readonly isList: boolean;
  readonly required: boolean;
  /** Captions by id, of an attribute that takes one of so many. */
  readonly captions: ReadonlyMap<number, string> | undefined;
  /** The attribute beside it that repeats the caption. */
  readonly sibling: string | undefined;
  /** True from the version on that deprecates it. */
  readonly deprecated: boolean;
  /** The extension that adds it. */
  readonly extension: string | undefined;
}

/** What an object may hold. */
export interface ObjectType {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly atLeastOne: readonly string[];
}

/** What an event of one class may hold. */
export interface ClassType extends ObjectType {
  readonly name: string;
  readonly uid: number;
  readonly caption: string;
  readonly category: number;
  readonly profiles: readonly string[];
  readonly extension: string | undefined;
}

/** The schema in one version. */
export interface OcsfSchema {
  readonly version: string;
  readonly objects: ReadonlyMap<string, ObjectType>;
  readonly classes: ReadonlyMap<number, ClassType>;
  /** What each profile adds to a class. */
  readonly profiles: ReadonlyMap<string, ReadonlyMap<string, Attribute>>;
  readonly categories: ReadonlyMap<number, string>;
}

/** The versions of which the data hold the facts, the oldest first. */
export const versions: readonly string[] = data.versions;

interface RawClass {
  readonly uid: number;
  readonly caption: string;
  readonly category: number;
  readonly attributes: string;
  readonly at_least_one?: readonly string[];
  readonly profiles: readonly string[];
  readonly extension?: string;
}

interface RawObject {
  readonly attributes: string;
  readonly at_least_one?: readonly string[];
}

const rawObjects: Readonly<Record<string, RawObject>> = data.objects;
const rawClasses: Readonly<Record<string, RawClass>> = data.classes;
const rawProfiles: Readonly<Record<string, string>> = data.profiles;
const rawEnums: Readonly<Record<string, string>> = data.enums;

const typeOfName = new Map(
  Object.entries(data.dictionary).flatMap(([type, names]) =>
    names.split(' ').map((name): [string, string] => [name, type]),
  ),
);
const captionsOf = new Map(
  Object.entries(rawEnums).map(([name, text]): [string, ReadonlyMap<number, string>] => [
    name,
    new Map(
      text.split('; ').map((entry): [number, string] => {
        const space = entry.indexOf(' ');
        return [Number(entry.slice(0, space)), entry.slice(space + 1)];
      }),
    ),
  ]),
);

const read = new Map<string, OcsfSchema>();

/** Returns the schema of a version, undefined for one that the data do not hold. Each is read once. */
export function schemaOf(version: string): OcsfSchema | undefined {
  if (!versions.includes(version)) return undefined;
  const known = read.get(version);
  if (known !== undefined) return known;
  const schema = readSchema(version);
  read.set(version, schema);
  return schema;
}

function readSchema(version: string): OcsfSchema {
  const classes = Object.entries(rawClasses).map(([name, raw]): [number, ClassType] => [
    raw.uid,
    {
      name,
      uid: raw.uid,
      caption: raw.caption,
      category: raw.category,
      profiles: raw.profiles,
      extension: raw.extension,
      attributes: attributesOf(raw.attributes, version),
      atLeastOne: raw.at_least_one ?? [],
    },
  ]);
  return {
    version,
    objects: new Map(
      Object.entries(rawObjects).map(([name, raw]) => [
        name,
        { attributes: attributesOf(raw.attributes, version), atLeastOne: raw.at_least_one ?? [] },
      ]),
    ),
    classes: new Map(classes),
    profiles: new Map(Object.entries(rawProfiles).map(([name, text]) => [name, attributesOf(text, version)])),
    categories: captionsOf.get('category') ?? new Map(),
  };
}

const notation =
  /^(?<name>\w+)(?::(?<own>#?\w+(?:\[\])?))?(?:>(?<since>[\d.]+))?(?:<(?<until>[\d.]+))?(?:@\w+)?(?:%(?<extension>\w+))?(?<required>!)?$/;

/** Reads attributes as the data file notes them; those of a later version are left out. */
function attributesOf(text: string, version: string): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const note of text.split(' ').filter((part) => part !== '')) {
    const { name, own, since, until, extension, required } = notation.exec(note)?.groups ?? {};
    const type = own ?? (name === undefined ? undefined : typeOfName.get(name));
    if (name === undefined || type === undefined)
      throw new Error(`the schema data cannot be read at ${note}`);
    if (since !== undefined && isBefore(version, since)) continue;
    const isList = type.endsWith('[]');
    const bare = isList ? type.slice(0, -2) : type;
    const captions = bare.startsWith('#') ? captionsOf.get(bare.slice(1)) : undefined;
    attributes.set(name, {
      type: bare.startsWith('#') ? 'integer' : bare,
      isList,
      required: required !== undefined,
      captions,
      sibling: captions === undefined ? undefined : siblingOf(name),
      deprecated: until !== undefined && !isBefore(version, until),
      extension,
    });
  }
  return attributes;
}

const namedSiblings: Readonly<Record<string, string>> = {
  activity_id: 'activity_name',
  category_uid: 'category_name',
  class_uid: 'class_name',
  type_uid: 'type_name',
};

function siblingOf(name: string): string | undefined {
  return namedSiblings[name] ?? (name.endsWith('_id') ? name.slice(0, -3) : undefined);
}

function isBefore(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}
