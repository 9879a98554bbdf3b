import type { Finding } from '../language.ts';
import { error, quoted, warning } from '../text.ts';
import {
  allowedValues,
  type EcsField,
  ecsFields,
  ecsObjects,
  ecsRoots,
  expectedValues,
  schemaVersion,
  searchedCharacters,
} from './ecs-schema.ts';
import { kindOf, takesObjects, valueProblem } from './ecs-value.ts';
import type { PathFacts } from './ecs-walk.ts';

/** The rules' source. */
export const ecsRule = `ECS ${schemaVersion}`;
const mappingRule = 'index mapping';

/** Returns what is wrong with all that stands under one path. */
export function fieldFindings(facts: PathFacts): readonly Finding[] {
  const { path } = facts;
  const written = writingFindings(facts);
  const field = ecsFields.get(path);
  if (field !== undefined) return [...written, ...knownFindings(facts, field)];
  if (ecsObjects.has(path)) {
    return facts.values.length === 0
      ? written
      : [...written, error(path, ecsRule, `is ${kindOf(facts.values[0])} where ECS has an object of fields`)];
  }
  return [...written, ...(belowField(path) ? [] : unknownFindings(facts))];
}

/** What no index takes, of whatever field. */
function writingFindings({ path, spellings, empty }: PathFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (path.split('.').includes('')) {
    findings.push(error(path, mappingRule, 'has an empty name, for which the whole document is refused'));
  }
  if (spellings.size > 1) {
    findings.push(
      error(
        path,
        ecsRule,
        'stands twice, nested and with dots in its name: readers take the one or the other',
      ),
    );
  }
  if (empty) findings.push(warning(path, ecsRule, 'is null: leave out what there is nothing to say of'));
  return findings;
}

function knownFindings(facts: PathFacts, { type, list }: EcsField): readonly Finding[] {
  const { path, values, object } = facts;
  const findings: Finding[] = [];
  if (object && !takesObjects(type)) {
    findings.push(
      error(path, ecsRule, `is an object where ECS has ${type}: the whole document is refused for it`),
    );
  }
  if (values.length > 0 && takesObjects(type) && type !== 'geo_point') {
    findings.push(error(path, ecsRule, `is ${kindOf(values[0])} where ECS has an object`));
  }
  if (list && facts.single && (object || values.length > 0)) {
    findings.push(error(path, ecsRule, 'is always a list in ECS, also of one value'));
  }
  if (!list && facts.list && !takesObjects(type)) {
    findings.push(
      warning(path, ecsRule, 'is a list of what ECS has one value of: most readers take the first'),
    );
  }
  const problems = new Set(values.flatMap((value) => valueProblem(type, value) ?? []));
  findings.push(...[...problems].map((problem) => error(path, ecsRule, problem)));
  for (const value of values)
    if (typeof value === 'string') findings.push(...textFindings(path, type, value));
  return findings;
}

function textFindings(path: string, type: string, value: string): readonly Finding[] {
  const allowed = allowedValues(path);
  if (allowed !== undefined && !allowed.includes(value)) {
    return [error(path, ecsRule, `has the value ${quoted(value)}, and may have ${allowed.join(', ')}`)];
  }
  const expected = expectedValues(path);
  if (expected !== undefined && !expected.includes(value)) {
    return [
      warning(path, ecsRule, `has the value ${quoted(value)}; expected is one of ${expected.join(', ')}`),
    ];
  }
  const searched = type === 'keyword' ? searchedCharacters(path) : undefined;
  return searched === undefined || value.length <= searched
    ? []
    : [
        warning(
          path,
          `${ecsRule} ignore_above`,
          `has ${value.length} characters: beyond ${searched} it is kept, and found by no search`,
        ),
      ];
}

/** Below `labels` and the like nothing is a field of ECS; below text, the text's own finding tells it. */
function belowField(path: string): boolean {
  const names = path.split('.');
  return names.some((_, at) => {
    const above = names.slice(0, at).join('.');
    return ecsFields.has(above) && !ecsObjects.has(above);
  });
}

/** True of a field that holds an object with names of its own. */
export function isFreeForm(path: string, { type }: EcsField): boolean {
  return takesObjects(type) && !ecsObjects.has(path);
}

function unknownFindings({ path, values, object, list }: PathFacts): readonly Finding[] {
  const [root = '', ...below] = path.split('.');
  if (ecsRoots.has(root)) {
    return [
      error(path, ecsRule, 'is no field of ECS: what it has no field for stands under a root of its own'),
    ];
  }
  if (below.length === 0 && values.length > 0) {
    return [error(path, ecsRule, 'is no field of ECS, and no object: give own fields a root of their own')];
  }
  if (object && values.length > 0) {
    return [
      error(
        path,
        mappingRule,
        `is an object and ${kindOf(values[0])} at once: the index takes the one, and refuses documents with the other`,
      ),
    ];
  }
  const kinds = new Set(values.map(kindOf));
  return kinds.size > 1 && list
    ? [
        warning(
          path,
          mappingRule,
          `holds ${[...kinds].join(' and ')} in one list: the index maps it by the first`,
        ),
      ]
    : [];
}
