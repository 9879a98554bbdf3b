import { z } from 'zod';
import type { Path } from './problems.ts';
import { type ConfigParts, configSchema } from './schema.ts';

/** A JSON Schema, as far as the configuration's has shapes. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/**
 * Returns the configuration's JSON Schema (draft 2020-12) as a file is written: durations and sizes are text,
 * credentials are text. `$defs` names the kinds of text: `secret`, `readableFile`, `duration` and so on.
 */
export function jsonSchema(parts: ConfigParts): JsonSchema {
  const known = schemas.get(parts)?.deref();
  if (known !== undefined) return known;
  const made = makeSchema(parts);
  schemas.set(parts, new WeakRef(made));
  return made;
}

/** Parts do not change, and to write their schema takes longer than to read a file by it; who runs needs it no more. */
const schemas = new WeakMap<ConfigParts, WeakRef<JsonSchema>>();

function makeSchema(parts: ConfigParts): JsonSchema {
  const schema = z.toJSONSchema(configSchema(parts), {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // In a file a credential is text; the object it may be while the file is loaded is no matter of an editor's.
      const { def } = zodSchema._zod;
      if (def.type !== 'union' || !def.options.some((option) => option._zod.def.type === 'custom')) return;
      delete jsonSchema.anyOf;
      jsonSchema.type = 'string';
      jsonSchema.minLength = 1;
    },
  });
  return { title: 'Configuration of defender-siem', ...schema } as JsonSchema;
}

/** Where one is in a schema: with its `$ref` followed and the branch chosen that fits the value. */
export interface Place {
  /** The name in `$defs`: what kind of text this is, such as `secret`. */
  readonly kind: string | undefined;
  readonly schema: JsonSchema;
}

/** Returns what a schema says of a value, or undefined when it knows no such place. */
export function placeOf(root: JsonSchema, schema: JsonSchema | undefined, value: unknown): Place | undefined {
  if (schema === undefined) return undefined;
  if (schema.$ref !== undefined) {
    const kind = schema.$ref.replace('#/$defs/', '');
    const target = placeOf(root, root.$defs?.[kind], value);
    return target === undefined ? undefined : { kind, schema: target.schema };
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches === undefined) return { kind: undefined, schema };
  const fitting = branches
    .map((branch) => placeOf(root, branch, value))
    .filter((place) => place !== undefined && fits(place.schema, value))
    .sort((one, other) => knownKeys(other?.schema, value) - knownKeys(one?.schema, value));
  return fitting[0];
}

/** Returns how many keys of a value a schema knows: of several kinds of object, the one that was meant knows most. */
function knownKeys(schema: JsonSchema | undefined, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.keys(value).filter((key) => Object.hasOwn(schema?.properties ?? {}, key)).length;
}

/** Returns the schema under a key, or of an element of a list; undefined when it knows none. */
export function childOf(place: Place | undefined, key: PropertyKey): JsonSchema | undefined {
  if (typeof key === 'number') return place?.schema.items;
  const { properties, additionalProperties } = place?.schema ?? {};
  const name = String(key);
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Returns what the schema says of the place at `path` within `value`; undefined when it knows no such place. */
export function placeAt(root: JsonSchema, value: unknown, path: Path): Place | undefined {
  let place = placeOf(root, root, value);
  let current = value;
  for (const key of path) {
    current = (current as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
    place = placeOf(root, childOf(place, key), current);
  }
  return place;
}

function fits({ type, properties }: JsonSchema, value: unknown): boolean {
  if (Array.isArray(value)) return type === 'array';
  if (typeof value !== 'object' || value === null) {
    return type === typeof value || (type === 'integer' && typeof value === 'number');
  }
  const discriminator = properties?.type;
  if (type !== 'object' || discriminator?.const === undefined) return type === 'object';
  return discriminator.const === ((value as { type?: unknown }).type ?? discriminator.default);
}
