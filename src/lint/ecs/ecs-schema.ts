import data from './ecs-schema.json' with { type: 'json' };

/** A field of ECS, as the index maps it. */
export interface EcsField {
  /** `keyword`, `ip`, `date`, `long`, … */
  readonly type: string;
  /** True of a field that is always a list. */
  readonly list: boolean;
}

/** Longest keyword that is searched, where the schema tells no other. */
const ignoreAbove = 1024;

/** Version of ECS that documents are held against. */
export const schemaVersion = data.version;

/** Every field, by its path with dots. */
export const ecsFields: ReadonlyMap<string, EcsField> = new Map(
  Object.entries(data.fields).map(([path, type]) => {
    const list = type.endsWith('[]');
    return [path, { type: list ? type.slice(0, -2) : type, list }];
  }),
);

/** Every path above a field. */
export const ecsObjects: ReadonlySet<string> = new Set(
  [...ecsFields.keys()].flatMap((path) => {
    const names = path.split('.');
    return names.slice(1).map((_, count) => names.slice(0, count + 1).join('.'));
  }),
);

/** Names at the top of a document that ECS has taken. */
export const ecsRoots: ReadonlySet<string> = new Set(
  [...ecsFields.keys()].map((path) => path.split('.')[0] ?? ''),
);

const longest = new Map<string, number | null>(Object.entries(data.ignoreAbove));
const allowed = new Map<string, readonly string[]>(Object.entries(data.allowed));
const expected = new Map<string, readonly string[]>(Object.entries(data.expected));
const types = new Map<string, readonly string[]>(Object.entries(data.expectedTypes));

/** Returns how many characters of a keyword are searched as a whole; undefined for any number. */
export function searchedCharacters(path: string): number | undefined {
  const own = longest.get(path);
  return own === undefined ? ignoreAbove : (own ?? undefined);
}

/** Returns the only values that a field may have; undefined where there is no such list. */
export function allowedValues(path: string): readonly string[] | undefined {
  return allowed.get(path);
}

/** Returns the values that a field should have; undefined where there is no such list. */
export function expectedValues(path: string): readonly string[] | undefined {
  return expected.get(path);
}

/** Returns the values of `event.type` that ECS expects of one of `event.category`. */
export function expectedTypes(category: string): readonly string[] {
  return types.get(category) ?? [];
}
