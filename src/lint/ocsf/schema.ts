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
  /** The profile that adds it to an object. */
  readonly profile: string | undefined;
}

/** What an object may hold. */
export interface ObjectType {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly atLeastOne: readonly string[];
  /** Attributes of which exactly one is there. */
  readonly justOne: readonly string[];
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
  /** Profiles that add to objects, wherever those stand: any class can declare them. */
  readonly objectProfiles: ReadonlySet<string>;
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
  readonly just_one?: readonly string[];
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

/** The captions of each enumeration by id, in one version. */
type Captions = ReadonlyMap<string, ReadonlyMap<number, string>>;

function readSchema(version: string): OcsfSchema {
  const captions = captionsIn(version);
  const classes = Object.entries(rawClasses).map(([name, raw]): [number, ClassType] => [
    raw.uid,
    {
      name,
      uid: raw.uid,
      caption: raw.caption,
      category: raw.category,
      profiles: raw.profiles.flatMap((noted) => {
        const [name = '', since] = noted.split('>');
        return since !== undefined && isBefore(version, since) ? [] : [name];
      }),
      extension: raw.extension,
      attributes: attributesOf(raw.attributes, version, captions),
      atLeastOne: raw.at_least_one ?? [],
      justOne: [],
    },
  ]);
  const objects = Object.entries(rawObjects).map(([name, raw]): [string, ObjectType] => [
    name,
    {
      attributes: attributesOf(raw.attributes, version, captions),
      atLeastOne: raw.at_least_one ?? [],
      justOne: raw.just_one ?? [],
    },
  ]);
  const objectProfiles = objects.flatMap(([, { attributes }]) =>
    [...attributes.values()].flatMap(({ profile }) => profile ?? []),
  );
  return {
    version,
    objects: new Map(objects),
    objectProfiles: new Set(objectProfiles),
    classes: new Map(classes),
    profiles: new Map(
      Object.entries(rawProfiles).map(([name, text]) => [name, attributesOf(text, version, captions)]),
    ),
    categories: captions.get('category') ?? new Map(),
  };
}

function captionsIn(version: string): Captions {
  return new Map(
    Object.entries(rawEnums).map(([name, text]) => [
      name,
      new Map(
        text.split('; ').flatMap((entry): readonly (readonly [number, string])[] => {
          const space = entry.indexOf(' ');
          const [id, since] = entry.slice(0, space).split('>');
          return since !== undefined && isBefore(version, since)
            ? []
            : [[Number(id), entry.slice(space + 1)]];
        }),
      ),
    ]),
  );
}

const notation =
  /^(?<name>\w+)(?::(?<own>#?\w+(?:\[\])?))?(?:>(?<since>[\d.]+))?(?:<(?<until>[\d.]+))?(?:@(?<profile>\w+))?(?:%(?<extension>\w+))?(?<required>!)?$/;

/** Reads attributes as the data file notes them; those of a later version are left out, the last note of one holds. */
function attributesOf(text: string, version: string, captions: Captions): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const note of text.split(' ').filter((part) => part !== '')) {
    const { name, own, since, until, profile, extension, required } = notation.exec(note)?.groups ?? {};
    const type = own ?? (name === undefined ? undefined : typeOfName.get(name));
    if (name === undefined || type === undefined)
      throw new Error(`the schema data cannot be read at ${note}`);
    if (since !== undefined && isBefore(version, since)) continue;
    const isList = type.endsWith('[]');
    const bare = isList ? type.slice(0, -2) : type;
    const ids = bare.startsWith('#') ? captions.get(bare.slice(1)) : undefined;
    attributes.set(name, {
      type: bare.startsWith('#') ? 'integer' : bare,
      isList,
      required: required !== undefined,
      captions: ids,
      sibling: ids === undefined ? undefined : siblingOf(name),
      deprecated: until !== undefined && !isBefore(version, until),
      extension,
      profile,
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
