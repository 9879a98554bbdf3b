import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sentinelAma } from '../../../connectors/sentinel/profile.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parts } from '../../../src/parts.ts';
import { statementsOf } from '../../support/bicep/syntax.ts';
import { testFolder } from '../../support/connector-config.ts';
import { commandLines, commandProblem, deadLinks } from '../../support/readme.ts';
import { fileText, folder, rules } from './content-files.ts';
import { readmeBlocks } from './readme-blocks.ts';

const page = fileText('README.md');

function sinkOf(yaml: string) {
  const file = join(testFolder(), 'defender-siem.yaml');
  writeFileSync(file, yaml);
  return loadConfig(file, parts, { DEFENDER_CLIENT_SECRET: 'secret' }).sinks[0];
}

test('what the page points to is there, and its command lines are understood', async () => {
  expect(deadLinks(new URL('README.md', folder))).toEqual([]);
  const lines = commandLines(page);
  expect(lines).toContain('check --live');
  expect((await Promise.all(lines.map(commandProblem))).filter((problem) => problem !== undefined)).toEqual(
    [],
  );
});

test('every file that is installed stands on the page', () => {
  const files = ['azure', 'parsers', 'rules'].flatMap((name) =>
    readdirSync(new URL(`${name}/`, folder)).map((file) => `${name}/${file}`),
  );
  expect(files.filter((file) => !page.includes(`(${file})`))).toEqual([]);
  expect(page).toContain(`five rules`);
  expect(rules.size).toBe(5);
});

test('deployments name templates that are there, with all parameters that they need and no other', () => {
  const deployments = [...page.matchAll(/--template-file (\S+) --parameters ((?:\w+=\S+ )+)/g)];
  expect(deployments).toHaveLength(3);
  for (const [, file = '', given = ''] of deployments) {
    expect(existsSync(new URL(file, folder))).toBe(true);
    const declared = statementsOf(fileText(file)).filter(({ keyword }) => keyword === 'param');
    const names = given
      .trim()
      .split(' ')
      .map((each) => each.replace(/=.*/, ''));
    expect(names.filter((name) => !declared.some((each) => each.name === name))).toEqual([]);
    const needed = declared.filter(({ value }) => value === undefined).map(({ name }) => name);
    expect(needed.filter((name) => !names.includes(name))).toEqual([]);
  }
});

test('the outputs that the page shows are those of the template', () => {
  const [shown = ''] = readmeBlocks(page, 'json');
  const declared = statementsOf(fileText('azure/direct.bicep')).filter(({ keyword }) => keyword === 'output');
  expect(Object.keys(JSON.parse(shown))).toEqual(declared.map(({ name }) => name));
});

test('the examples load, and the page shows their sinks', () => {
  const [rows = '', cef = ''] = readmeBlocks(page, 'yaml');
  const example = fileText('example.yaml');
  expect(sinkOf(example)).toMatchObject({ type: 'sentinel', format: 'asim', options: { tenant: 'contoso' } });
  const whole = parse(example);
  expect(sinkOf(JSON.stringify({ ...whole, sinks: parse(rows).sinks }))).toMatchObject({ type: 'sentinel' });
  expect(Object.keys(parse(rows).sinks[0])).toEqual(Object.keys(whole.sinks[0]));
  const ama = fileText('example-ama.yaml');
  expect(parse(cef).sinks).toEqual(parse(ama).sinks);
  const {
    format,
    facility: _facility,
    ...options
  } = Object.fromEntries(sentinelAma.settings.map(({ key, value }) => [key, value]));
  expect(sinkOf(ama)).toMatchObject({ type: 'syslog', format, options });
});

test('the rule for CEF collects the facility that the profile sends by', () => {
  const facility = sentinelAma.settings.find(({ key }) => key === 'facility')?.value;
  expect(fileText('azure/ama.bicep')).toContain(`param facility string = '${facility}'`);
  expect(page).toContain(`facility=${facility}`);
});

test('a tenant that is not there, or is a group, is an error of the configuration', () => {
  const example = parse(fileText('example.yaml'));
  const [sink] = example.sinks;
  const wrong = (tenant: string, tenants: readonly unknown[]) => () =>
    sinkOf(JSON.stringify({ ...example, tenants, sinks: [{ ...sink, tenant }] }));
  expect(wrong('contosso', example.tenants)).toThrow(/sinks\[0\]\.tenant[\s\S]*did you mean `contoso`/);
  const { id, ...shared } = example.tenants[0];
  const group = { ...shared, name: 'all', customers: [{ name: 'contoso', id }] };
  expect(wrong('all', [group])).toThrow(/names a group/);
  expect(wrong('contoso', [group])).not.toThrow();
});
