import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sentinel } from '../../../connectors/sentinel/connector.ts';
import { compileBicep, type Json } from '../../support/bicep/compile.ts';
import { jsonFile } from '../../support/json-lines.ts';
import { armTemplate } from './arm-schema.ts';
import { fileText, folder, parsers, rules } from './content-files.ts';
import { streamColumns } from './stream-columns.ts';

const names = ['direct', 'endpoint', 'ama', 'content'] as const;
const azure = new URL('azure/', folder);

function templateOf(name: string): Record<string, Json> {
  return JSON.parse(fileText(`azure/${name}.json`));
}

const loader = {
  text: (path: string) => fileText(`azure/${path}`),
  value: (path: string): Json => parse(fileText(`azure/${path}`)),
};

test('columns.json holds the columns that the format writes, for the stream and for the table', async () => {
  const stream = Object.entries(streamColumns).map(([name, type]) => ({ name, type }));
  const table = stream.map(({ name, type }) => ({ name, type: type === 'datetime' ? 'dateTime' : type }));
  const lines = (list: readonly { readonly name: string; readonly type: string }[]) =>
    list.map((column) => `    { "name": "${column.name}", "type": "${column.type}" }`).join(',\n');
  await expect(
    `{\n  "stream": [\n${lines(stream)}\n  ],\n  "table": [\n${lines(table)}\n  ]\n}\n`,
  ).toMatchFileSnapshot(new URL('columns.json', azure).pathname);
});

test.each(names)('%s.json is what the Bicep beside it compiles to', async (name) => {
  const compiled = compileBicep(fileText(`azure/${name}.bicep`), loader);
  await expect(jsonFile(compiled)).toMatchFileSnapshot(new URL(`${name}.json`, azure).pathname);
});

test.each(names)('%s.json is a template that Azure knows, and its expressions name what is there', (name) => {
  const template = templateOf(name);
  const { parameters = {}, variables = {}, resources = [], outputs = {} } = template;
  const found = armTemplate((value) => resolved(value, variables)).safeParse(template);
  expect(found.error?.issues).toBeUndefined();
  const expressions = expressionsIn([parameters, resources, outputs]);
  const named = (kind: string) =>
    new Set(
      expressions.flatMap((text) =>
        [...text.matchAll(new RegExp(`${kind}\\('(\\w+)'\\)`, 'g'))].map(([, each]) => each),
      ),
    );
  expect([...named('parameters')].sort()).toEqual(keysOf(parameters));
  expect([...named('variables')].sort()).toEqual(keysOf(variables));
  const known =
    /^(guid|format|parameters|variables|resourceId|reference|resourceGroup|subscriptionResourceId|string)$/;
  const called = expressions.flatMap((text) => [...text.matchAll(/(\w+)\(/g)].map(([, each]) => each ?? ''));
  expect(called.filter((each) => !known.test(each))).toEqual([]);
});

test('each resource comes after those that it names', () => {
  for (const name of names) {
    const { resources = [] } = templateOf(name) as {
      resources?: readonly { type: string; dependsOn?: readonly string[] }[];
    };
    const types = resources.map(({ type }) => `resourceId('${type}'`);
    for (const { dependsOn = [] } of resources) {
      expect(dependsOn.filter((each) => !types.some((type) => each.includes(type)))).toEqual([]);
    }
  }
});

test('rules feed the table with every column, from the stream that the sink writes to by default', () => {
  const { stream } = sentinel.options.parse({
    endpoint: 'https://dce.ingest.monitor.azure.com',
    rule: `dcr-${'0'.repeat(32)}`,
    tenant: 'contoso',
  });
  for (const name of ['direct', 'endpoint']) {
    const text = JSON.stringify(templateOf(name));
    expect(text).toContain(`"outputStream":"${stream}"`);
    expect(text).toContain(`"streamDeclarations":{"${stream}":{"columns":"[variables('columns').stream]"}}`);
    expect(text).toContain(`"name":"${stream.replace('Custom-', '')}"`);
  }
  expect(templateOf('direct').outputs).toHaveProperty('endpoint');
  expect(Object.keys(templateOf('direct').outputs ?? {})).toEqual(['endpoint', 'rule', 'stream']);
});

test('every parser and every rule of the folder is deployed, with the parameters that it has', () => {
  const text = fileText('azure/content.bicep');
  for (const { name, parameters } of parsers) {
    expect(text).toContain(`loadYamlContent('../parsers/${name}.yaml')`);
    expect(text).toContain(`functionAlias: '${name}'\n    functionParameters: '${parameters}'`);
  }
  for (const name of rules.keys()) expect(text).toContain(`loadYamlContent('../rules/${name}.yaml')`);
});

test('what is no Bicep is refused, with its line', () => {
  const refused = (source: string) => () => compileBicep(source, loader);
  expect(refused('param a string\nparam a string')).toThrow('declared twice');
  expect(refused('output a string = nothing.id')).toThrow('nothing is not declared');
  expect(refused("resource a 'x/y@2020-01-01' = {\n  name: 'n'\n  name: 'm'\n}")).toThrow('stands twice');
  expect(refused("var a = 'open\n")).toThrow('line 1: a string does not end');
  expect(refused('module a = {}')).toThrow('line 1: module begins no statement');
  expect(refused("var a = unknown('x')")).toThrow('the function unknown is not known');
});

function keysOf(value: Json): readonly string[] {
  return Object.keys(typeof value === 'object' && value !== null ? value : {}).sort();
}

/** Returns every expression in a value: a text in brackets. */
function expressionsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return /^\[[^[]/.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expressionsIn) : [];
}

/** Returns what an expression that names a variable, or members of one, stands for. */
function resolved(value: unknown, variables: Json): unknown {
  const path = typeof value === 'string' ? /^\[variables\('(\w+)'\)([.\w]*)\]$/.exec(value) : null;
  if (path === null) return value;
  const [, name = '', members = ''] = path;
  const steps = [name, ...members.split('.').filter((each) => each !== '')];
  return steps.reduce<unknown>(
    (of, step) => (of as Readonly<Record<string, unknown>> | undefined)?.[step],
    variables,
  );
}
