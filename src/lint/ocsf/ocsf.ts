import { json } from '../json/json.ts';
import type { Finding, Language } from '../language.ts';
import { error, quoted } from '../text.ts';
import { oddObservables } from './observables.ts';
import { type Attribute, type ClassType, type OcsfSchema, schemaOf, versions } from './schema.ts';
import { isObject, type JsonObject, Validation } from './validate.ts';

const rule = 'OCSF';

/**
 * OCSF events, strictly by the schema that they name: required attributes, unknown ones, types, enumerations with their
 * captions, profiles, extensions, constraints, observables.
 */
export const ocsf: Language = {
  name: 'ocsf',
  recognises: (text) => {
    const event = eventOf(text);
    if (event === undefined) return false;
    const { metadata } = event;
    return 'class_uid' in event || ('category_uid' in event && isObject(metadata) && 'version' in metadata);
  },
  lint: lintOcsf,
};

function lintOcsf(text: string): readonly Finding[] {
  const findings = json.lint(text);
  const event = eventOf(text);
  if (event === undefined) {
    return findings.some(({ level }) => level === 'error')
      ? findings
      : [...findings, error(undefined, rule, 'is no object: an event is one')];
  }
  return [...findings, ...lintEvent(event)];
}

function eventOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function lintEvent(event: JsonObject): readonly Finding[] {
  const metadata = isObject(event.metadata) ? event.metadata : {};
  const version = metadata.version;
  const schema = typeof version === 'string' ? schemaOf(version) : undefined;
  if (schema === undefined) {
    const told = version === undefined ? 'is missing' : `${quoted(String(version))} is none that is known`;
    return [error('metadata.version', rule, `${told}: ${versions.join(', ')}`)];
  }
  const type = schema.classes.get(Number(event.class_uid));
  if (type === undefined) {
    return [
      error(
        'class_uid',
        `${rule} ${schema.version}`,
        'is none of the classes whose schema this reader holds',
      ),
    ];
  }
  return lintClass(event, metadata, schema, type);
}

function lintClass(
  event: JsonObject,
  metadata: JsonObject,
  schema: OcsfSchema,
  type: ClassType,
): readonly Finding[] {
  const profiles = namesOf(metadata.profiles);
  const extensions = namesOf(metadata.extensions);
  const validation = new Validation(schema, type, { profiles, extensions });
  if (type.extension !== undefined && !extensions.has(type.extension)) {
    validation.error('metadata.extensions', `must name the extension ${type.extension}, whose class this is`);
  }
  for (const profile of profiles) {
    if (!type.profiles.includes(profile) && !schema.objectProfiles.has(profile)) {
      validation.error('metadata.profiles', `${quoted(profile)} is no profile of this class`);
    }
  }
  validation.object(event, { ...type, attributes: withProfiles(schema, type, profiles) }, '');
  classification(event, schema, type, validation);
  for (const { at, message } of oddObservables(event)) validation.error(at, message);
  return validation.findings;
}

/** Profiles are named by text, extensions by their name or uid. */
function namesOf(list: unknown): ReadonlySet<string> {
  if (!Array.isArray(list)) return new Set();
  const names = list.flatMap((item: unknown) => (isObject(item) ? [item.name, item.uid] : [item]));
  return new Set(names.filter((name) => typeof name === 'string'));
}

/** The attributes of a class come before those of its profiles: what it has of its own needs no profile. */
function withProfiles(
  schema: OcsfSchema,
  type: ClassType,
  profiles: ReadonlySet<string>,
): ReadonlyMap<string, Attribute> {
  const attributes = new Map(type.attributes);
  for (const profile of type.profiles.filter((name) => profiles.has(name))) {
    for (const [name, attribute] of schema.profiles.get(profile) ?? []) {
      if (!attributes.has(name)) attributes.set(name, attribute);
    }
  }
  return attributes;
}

/** What an event says of its category, class and type must be what its class says. */
function classification(
  event: JsonObject,
  schema: OcsfSchema,
  type: ClassType,
  validation: Validation,
): void {
  const activity = type.attributes.get('activity_id')?.captions?.get(Number(event.activity_id));
  const activityName = event.activity_id === 99 ? event.activity_name : activity;
  const expected: readonly (readonly [name: string, value: unknown, required: boolean])[] = [
    ['category_uid', type.category, true],
    ['category_name', schema.categories.get(type.category), false],
    ['class_name', type.caption, false],
    ['type_uid', type.uid * 100 + Number(event.activity_id), true],
    ['type_name', `${type.caption}: ${String(activityName)}`, false],
  ];
  for (const [name, value, required] of expected) {
    if (event[name] === value || (!required && event[name] === undefined)) continue;
    validation.error(name, `must be ${quoted(String(value))} for this class and activity`);
  }
}
