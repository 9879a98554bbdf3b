import { describe, expect, test } from 'vitest';
import { resolveEndpoints } from '../../../src/identity/clouds.ts';
import { printers } from '../../../src/provision/print/index.ts';
import { context, planFromNothing, plans } from './plans.ts';

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

test.each([
  ['graph', 'https://dod-graph.microsoft.us/v1.0/servicePrincipals'],
  ['azure-cli', "graph='https://dod-graph.microsoft.us'"],
  ['azure-cli', 'az cloud set --name AzureUSGovernment'],
  ['terraform', 'environment = "usgovernmentl5"'],
])('%s is for the cloud of the tenant: %s', (format, expected) => {
  const endpoints = resolveEndpoints('dod');
  const printer = printers.find((candidate) => candidate.format === format);
  expect(printer?.print(planFromNothing(), { ...context, endpoints })).toContain(expected);
});
