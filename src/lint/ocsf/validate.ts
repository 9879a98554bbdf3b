import type { Finding } from '../language.ts';
import { error, quoted, warning } from '../text.ts';
import { isScalar, scalarProblem } from './scalars.ts';
import type { Attribute, ClassType, ObjectType, OcsfSchema } from './schema.ts';

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True of an object of JSON, not of a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an event says about itself in its metadata. */
export interface Declared {
  readonly profiles: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
}

/** A path longer than this is of no use to anybody, and would end in the stack's end. */
const deepestPath = 2000;

/** The id of a caption that the source chooses. */
const other = 99;

/** A walk through one event, against one class in one version. */
export class Validation {
  readonly findings: Finding[] = [];
  readonly #schema: OcsfSchema;
  readonly #declared: Declared;
  readonly #rule: string;

  constructor(schema: OcsfSchema, type: ClassType, declared: Declared) {
    this.#schema = schema;
    this.#declared = declared;
    this.#rule = `OCSF ${schema.version} ${type.name}`;
  }

  /** Looks at an object that stands at `path`, the event itself where that is empty. */
  object(value: JsonObject, type: ObjectType, path: string): void {
    if (path.length > deepestPath) {
      this.error(path.slice(0, deepestPath), 'holds objects nested too deep for any reader');
      return;
    }
    for (const [name, member] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      const attribute = type.attributes.get(name) ?? dateTimeOf(name, type, this.#declared);
      if (attribute === undefined) this.#unknown(at);
      else this.#member(member, attribute, value, at);
    }
    for (const [name, { required }] of type.attributes) {
      if (required && value[name] === undefined) {
        this.error(path === '' ? name : `${path}.${name}`, 'is required and missing');
      }
    }
    this.#constraints(value, type, path === '' ? undefined : path);
  }

  /** Notes something that the schema forbids. */
  error(at: string | undefined, message: string): void {
    this.findings.push(error(at, this.#rule, message));
  }

  #constraints(value: JsonObject, { atLeastOne, justOne }: ObjectType, at: string | undefined): void {
    const has = (name: string): boolean => value[name] !== undefined;
    if (atLeastOne.length > 0 && !atLeastOne.some(has)) {
      this.error(at, `needs at least one of ${atLeastOne.join(', ')}`);
    }
    if (justOne.length > 0 && justOne.filter(has).length !== 1) {
      this.error(at, `needs exactly one of ${justOne.join(', ')}`);
    }
  }

  #unknown(at: string): void {
    this.error(at, 'is no attribute here, or one of a profile that is not declared: put it under unmapped');
  }

  #member(value: unknown, attribute: Attribute, owner: JsonObject, at: string): void {
    const { extension, profile, deprecated, isList } = attribute;
    if (extension !== undefined && !this.#declared.extensions.has(extension)) {
      this.error(at, `needs the extension ${extension} in metadata.extensions`);
    }
    if (profile !== undefined && !this.#declared.profiles.has(profile)) {
      this.error(at, `needs the profile ${profile} in metadata.profiles`);
    }
    if (deprecated) this.findings.push(warning(at, this.#rule, 'is deprecated in this version'));
    if (!isList) this.#one(value, attribute, owner, at);
    else if (!Array.isArray(value)) this.error(at, 'is no list');
    else if (value.length === 0) this.error(at, 'is an empty list: leave it out');
    else for (const [index, one] of value.entries()) this.#one(one, attribute, undefined, `${at}[${index}]`);
  }

  #one(value: unknown, attribute: Attribute, owner: JsonObject | undefined, at: string): void {
    const { type, captions } = attribute;
    if (value === null) {
      this.error(at, 'is null: leave it out');
    } else if (isScalar(type)) {
      const problem = scalarProblem(type, value);
      if (problem !== undefined) this.error(at, `${shown(value)}${problem}`);
      else if (captions !== undefined) this.#enumerated(Number(value), attribute, owner, at);
    } else if (!isObject(value)) {
      this.error(at, 'is no object');
    } else if (Object.keys(value).length === 0) {
      this.error(at, 'is an empty object: leave it out');
    } else {
      const object = this.#schema.objects.get(type);
      if (object !== undefined) this.object(value, object, at);
    }
  }

  #enumerated(id: number, { captions, sibling }: Attribute, owner: JsonObject | undefined, at: string): void {
    const caption = captions?.get(id);
    if (caption === undefined) this.error(at, `${id} is none of the ids that it takes`);
    if (caption === undefined || sibling === undefined || owner === undefined) return;
    const told = owner[sibling];
    const siblingAt = at.replace(/[^.]*$/, sibling);
    if (id === other) {
      if (told === undefined) this.error(siblingAt, `must say what ${at} 99 stands for`);
    } else if (told !== undefined && told !== caption) {
      this.error(siblingAt, `must be ${quoted(caption)}, the caption of ${id}`);
    }
  }
}

/** A value as it can stand in a finding, with a space behind it; empty for what is no scalar. */
function shown(value: unknown): string {
  return typeof value === 'object' ? '' : `${quoted(String(value))} `;
}

const dateTime: Attribute = {
  type: 'datetime',
  isList: false,
  required: false,
  captions: undefined,
  sibling: undefined,
  deprecated: false,
  extension: undefined,
  profile: undefined,
};

/** The profile datetime adds to each timestamp its text. */
function dateTimeOf(name: string, { attributes }: ObjectType, { profiles }: Declared): Attribute | undefined {
  if (!profiles.has('datetime') || !name.endsWith('_dt')) return undefined;
  return attributes.get(name.slice(0, -'_dt'.length))?.type === 'timestamp' ? dateTime : undefined;
}
