import { describe, expect, test } from 'vitest';
import { printers } from '../../../src/provision/print/index.ts';
import { context, plans } from './plans.ts';

const endings: Readonly<Record<string, string>> = {
  graph: 'http',
  'azure-cli': 'sh',
  terraform: 'tf',
  bicep: 'bicep',
};

describe.each(printers)('$format', ({ format, print }) => {
  test.each(Object.keys(plans))('%s', async (name) => {
    const plan = plans[name];
    if (plan === undefined) throw new TypeError(name);
    const text = print(plan, context);
    expect(text).not.toMatch(/PRIVATE KEY|undefined|\[object|NaN/);
    await expect(text).toMatchFileSnapshot(`golden/${name}.${endings[format]}`);
  });
});
