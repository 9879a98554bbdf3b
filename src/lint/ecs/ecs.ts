import { json } from '../json/json.ts';
import type { Finding, Language } from '../language.ts';
import { error, warning } from '../text.ts';
import { ecsRule, fieldFindings, isFreeForm } from './ecs-fields.ts';
import { ecsFields, expectedTypes } from './ecs-schema.ts';
import { maxDepth, type PathFacts, type Walked, walk } from './ecs-walk.ts';

/** Fields that an index takes by default (formats reference §6.1, `total_fields.limit`). */
const maxFields = 1000;

/** Documents of the common schema ECS, held against its fields, types and allowed values, and what an index refuses. */
export const ecs: Language = { name: 'ecs', recognises: isEcs, lint: lintEcs };

function isEcs(text: string): boolean {
  if (!/^\s*\{/.test(text) || !/"(?:@timestamp|ecs|ecs\.version)"\s*:/.test(text)) return false;
  const document = objectOf(text);
  // Of a text that is no JSON, the names alone tell what it was meant to be.
  return document === undefined || ['@timestamp', 'ecs', 'ecs.version'].some((name) => name in document);
}

function lintEcs(text: string): readonly Finding[] {
  const document = objectOf(text);
  if (document === undefined) {
    const findings = json.lint(text).filter(({ level }) => level === 'error');
    return findings.length > 0 ? findings : [error(undefined, ecsRule, 'is no object')];
  }
  const walked = walk(document, (path) => {
    const field = ecsFields.get(path);
    return field !== undefined && isFreeForm(path, field);
  });
  return [
    ...required(walked.paths),
    ...[...walked.paths.values()].flatMap(fieldFindings),
    ...typesOfCategories(walked.paths),
    ...limits(walked),
  ];
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function required(paths: Walked['paths']): readonly Finding[] {
  return ['@timestamp', 'ecs.version']
    .filter((path) => (paths.get(path)?.values.length ?? 0) === 0)
    .map((path) => error(path, ecsRule, 'is missing: every document has it'));
}

/** What a category says about an event's type; where there are several, one of them is enough. */
function typesOfCategories(paths: Walked['paths']): readonly Finding[] {
  const categories = texts(paths.get('event.category'));
  if (categories.length === 0) return [];
  const expected = categories.flatMap(expectedTypes);
  return texts(paths.get('event.type'))
    .filter((type) => !expected.includes(type))
    .map((type) =>
      warning('event.type', ecsRule, `'${type}' is not expected of the categories ${categories.join(', ')}`),
    );
}

function texts(facts: PathFacts | undefined): readonly string[] {
  return facts?.values.filter((value) => typeof value === 'string') ?? [];
}

function limits({ paths, tooDeep }: Walked): readonly Finding[] {
  const findings: Finding[] = [];
  if (tooDeep !== undefined) {
    findings.push(error(tooDeep, 'index mapping depth.limit', `is more than ${maxDepth} objects deep`));
  }
  if (paths.size > maxFields) {
    findings.push(
      error(
        undefined,
        'index mapping total_fields.limit',
        `has ${paths.size} fields, and an index takes ${maxFields}`,
      ),
    );
  }
  return findings;
}
