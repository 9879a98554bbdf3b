import { describe, expect, test } from 'vitest';
import type { Changes } from '../../src/event.ts';
import { cef } from '../../src/formats/cef/cef.ts';
import { changesText } from '../../src/formats/changes-text.ts';
import { json } from '../../src/formats/json/json.ts';
import { leef } from '../../src/formats/leef/leef.ts';
import { parseCef } from '../support/cef-parser.ts';
import { anEvent } from '../support/event.ts';
import { parseLeef } from '../support/leef-parser.ts';

const raised: Changes = {
  severity: { from: 'low', to: 'high' },
  status: { from: 'new', to: 'inProgress' },
  assignedTo: { from: undefined, to: 'Liz "the" Bean; status: new -> resolved=\\' },
  newEvidence: 2,
};
const told =
  'severity: low -> high; status: new -> inProgress; owner: none -> "Liz \\"the\\" Bean; status: new -> resolved=\\\\"; new evidence: 2';

describe('changesText', () => {
  test.each([
    ['a first state has none', undefined, undefined],
    ['nothing of it changed', { newEvidence: 0 }, 'none'],
    ['evidence alone', { newEvidence: 7 }, 'new evidence: 7'],
    [
      'a value that is gone',
      { status: { from: 'new', to: undefined }, newEvidence: 0 },
      'status: new -> none',
    ],
    ['a value that reads none', { status: { from: 'none', to: '1' }, newEvidence: 0 }, 'status: "none" -> 1'],
    ['values that could pass for changes', raised, told],
  ])('%s', (_rule, changes, text) => {
    expect(changesText({ changes })).toBe(text);
  });
});

describe('an update', () => {
  const update = anEvent({ changes: raised });
  const formatted = (format: ReturnType<typeof json.create>, maxBytes = Number.POSITIVE_INFINITY) => {
    const result = format(update, maxBytes);
    if (result.kind !== 'formatted') throw new Error(result.reason);
    return result.text;
  };

  test('says in CEF what changed', () => {
    const { extension } = parseCef(formatted(cef.create(cef.options.parse({}))));
    expect(extension.get('MSDefenderChanges')).toBe(told);
  });

  test('says it in LEEF', () => {
    const { attributes } = parseLeef(formatted(leef.create(leef.options.parse({}))));
    expect(attributes.get('changes')).toBe(told);
  });

  test('stays verbatim in JSON', () => {
    expect(formatted(json.create({}))).toBe(update.json);
  });
});
