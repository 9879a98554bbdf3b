import { expect, test } from 'vitest';
import { mostTold, namesText, select } from '../../src/app/alike.ts';

const many = (problemOf: (index: number) => string) =>
  Array.from({ length: 100 }, (_, index) => {
    const problem = problemOf(index);
    return { name: `alerts@c${index}`, tenant: `c${index}`, healthy: problem === '', problem };
  });
const tenantOf = ({ tenant }: { readonly tenant: string }) => tenant;

test('of a few, all are told', () => {
  const few = many(() => '').slice(0, mostTold);
  expect(select(few, tenantOf)).toEqual({ told: few, alike: [], well: 0 });
});

test('of many, those that are well are counted, and of those that are not, three for each reason are told', () => {
  const all = many((index) => {
    if (index < 50) return `tenant c${index}, graph API: 503 after ${index} attempts`;
    return index < 52 ? `tenant c${index}: the secret has expired` : '';
  });
  const { told, alike, well } = select(all, tenantOf);
  expect(told.map(({ name }) => name)).toEqual([
    'alerts@c0',
    'alerts@c1',
    'alerts@c2',
    'alerts@c50',
    'alerts@c51',
  ]);
  expect(alike.map(({ as, names }) => [as.name, names.length])).toEqual([['alerts@c0', 47]]);
  expect(well).toBe(48);
});

test('a name without a digit is no reason of its own', () => {
  const words = ['one', 'two', 'three', 'four', 'five'];
  const all = many((index) => {
    const word = words[index];
    return word === undefined ? '' : `tenant ${word} is down`;
  }).map((each, index) => ({ ...each, tenant: words[index] ?? each.tenant }));
  expect(select(all, tenantOf).alike.map(({ names }) => names.length)).toEqual([2]);
});

test('names are listed up to ten', () => {
  expect(namesText(['a', 'b'])).toBe('a, b');
  expect(namesText(Array.from({ length: 12 }, (_, index) => `n${index}`))).toMatch(/n9 and 2 more$/);
});
