import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { membersNamed, namesAndGroups } from '../../src/config/groups.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems, problemText } from '../../src/config/problems.ts';
import { folderWith } from './config-folder.ts';
import { good } from './good-config.ts';
import { parts } from './parts.ts';

const ids = {
  fabrikam: '22222222-0000-0000-0000-000000000001',
  northwind: '22222222-0000-0000-0000-000000000002',
};
const csv = `name,id,region\nfabrikam,${ids.fabrikam},\nnorthwind,${ids.northwind},uk\n`;

/** The good configuration, with a group beside its tenant, and these sources and routes. */
function grouped(
  customers: string,
  sources = '  - { name: msp-alerts, tenant: msp }\n',
  routes = '',
): string {
  const group = `  - name: msp
    customers: ${customers}
    region: eu
    auth:
      clientId: 33333333-3333-3333-3333-333333333333
      clientSecret: of-the-partner
`;
  return good
    .replace('sources:\n', () => `${group}sources:\n${sources}`)
    .replace('routes:\n', () => `routes:\n${routes}`);
}

function load(text: string, files: Record<string, string> = { 'customers.csv': csv }) {
  return loadConfig(join(folderWith({ 'config.yaml': text, ...files }), 'config.yaml'), parts, {});
}

function problemsOf(text: string, files: Record<string, string>): readonly string[] {
  const folder = folderWith({ 'config.yaml': text, ...files });
  try {
    loadConfig(join(folder, 'config.yaml'), parts, {});
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map((problem) => problemText(problem).replaceAll(folder, 'FOLDER'));
  }
}

describe('a group of tenants', () => {
  const yaml = `- { name: fabrikam, id: ${ids.fabrikam} }\n- { name: northwind, id: ${ids.northwind}, region: uk }\n`;
  const inline = `[{ name: fabrikam, id: ${ids.fabrikam} }, { name: northwind, id: ${ids.northwind}, region: uk }]`;

  test.each([
    ['a CSV file', grouped('customers.csv'), { 'customers.csv': csv }],
    ['a YAML file', grouped('customers.yaml'), { 'customers.yaml': yaml }],
    ['the list itself', grouped(inline), {}],
  ])('becomes tenants like any other: %s', (_form, text, files) => {
    const { tenants } = load(text, files);
    expect(tenants.map(({ name, id, region, group }) => [name, id, region, group])).toEqual([
      ['contoso', '00000000-0000-0000-0000-000000000000', undefined, undefined],
      ['fabrikam', ids.fabrikam, 'eu', 'msp'],
      ['northwind', ids.northwind, 'uk', 'msp'],
    ]);
    expect(tenants[1]?.auth).toBe(tenants[2]?.auth);
  });

  test('a customer in another cloud has not the region of the group', () => {
    const { tenants } = load(grouped(`[{ name: fabrikam, id: ${ids.fabrikam}, cloud: gcc }]`));
    expect(tenants[1]).toMatchObject({ name: 'fabrikam', cloud: 'gcc', region: undefined });
  });

  test('the file is read anew with the configuration', () => {
    const folder = folderWith({ 'config.yaml': grouped('customers.csv'), 'customers.csv': csv });
    const names = () => loadConfig(join(folder, 'config.yaml'), parts, {}).sources.map(({ name }) => name);
    expect(names()).toEqual(['msp-alerts@fabrikam', 'msp-alerts@northwind', 'alerts']);
    writeFileSync(join(folder, 'customers.csv'), `name,id\nwingtip,${ids.fabrikam}\n`);
    expect(names()).toEqual(['msp-alerts@wingtip', 'alerts']);
  });
});

describe('a source of several tenants', () => {
  test.each([
    ['the name of a group', 'msp', ['a@fabrikam', 'a@northwind']],
    ['a list', '[contoso, northwind]', ['a@contoso', 'a@northwind']],
    ['a list of one', '[contoso]', ['a@contoso']],
    [
      'a list with a group, and one of it',
      '[northwind, msp, contoso]',
      ['a@northwind', 'a@fabrikam', 'a@contoso'],
    ],
    ['one customer', 'northwind', ['a']],
  ])('stands for one of each: %s', (_form, tenant, names) => {
    const { sources } = load(grouped('customers.csv', `  - { name: a, tenant: ${tenant} }\n`));
    const own = sources.filter(({ name }) => name !== 'alerts');
    expect(own.map(({ name }) => name)).toEqual(names);
    expect(own.map((source) => source.group)).toEqual(names.map((name) => (name === 'a' ? undefined : 'a')));
  });

  test('is meant as a whole by its name in a route, and in parts by theirs; so are the tenants of a group', () => {
    const { routes } = load(
      grouped(
        'customers.csv',
        undefined,
        `  - { from: [msp-alerts, connector], to: [near] }
  - { from: [msp-alerts@northwind], to: [far], where: { tenant: msp } }
  - { to: [far], where: { tenant: [cont*, northwind] } }
`,
      ),
    );
    expect(routes.slice(0, 3).map(({ from, where }) => [from, where.tenant])).toEqual([
      [['msp-alerts@fabrikam', 'msp-alerts@northwind', 'connector'], undefined],
      [['msp-alerts@northwind'], ['fabrikam', 'northwind']],
      [undefined, ['cont*', 'northwind']],
    ]);
  });

  test('both names are known to whom a name is given', () => {
    const { sources } = load(grouped('customers.csv'));
    expect(namesAndGroups(sources)).toEqual([
      'msp-alerts',
      'msp-alerts@fabrikam',
      'msp-alerts@northwind',
      'alerts',
    ]);
    expect(membersNamed(sources, 'msp-alerts')).toHaveLength(2);
    expect(membersNamed(sources, 'msp-alerts@northwind')).toHaveLength(1);
  });
});

describe('what is wrong with a group is told with file and line', () => {
  const good1 = `fabrikam,${ids.fabrikam}`;
  const prefix = 'tenants[1].customers: FOLDER/customers.csv line';
  test.each<[string, string, readonly string[]]>([
    [
      'a name that is none',
      `name,id\n${good1}\nNorth wind,${ids.northwind}\n`,
      [
        `${prefix} 3: name must be 1 to 63 letters, digits, dots, hyphens or underscores, and begin with a letter or digit (line 14)`,
      ],
    ],
    [
      'an id that is none',
      'name,id\nfabrikam,0815\n',
      [
        `${prefix} 2: id must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com (line 14)`,
      ],
    ],
    ['an id that is missing', 'name,id\nfabrikam\n', [`${prefix} 2: id is missing (line 14)`]],
    [
      'a cloud that is none',
      `name,id,cloud\n${good1},gcch\n`,
      [`${prefix} 2: cloud must be one of commercial, gcc, gcc-high, dod: did you mean \`gcc\`? (line 14)`],
    ],
    [
      'a region in another cloud',
      `name,id,cloud,region\n${good1},dod,uk\n`,
      [`${prefix} 2: region is for the commercial cloud only, and the cloud is dod (line 14)`],
    ],
    [
      'a name twice',
      `name,id\n${good1}\nfabrikam,${ids.northwind}\n`,
      [`${prefix} 3: name is taken by another customer of tenants[1]: names are unique (line 14)`],
    ],
    [
      'a name of another tenant',
      `name,id\ncontoso,${ids.fabrikam}\n`,
      [`${prefix} 2: name is taken by tenants[0]: names are unique (line 14)`],
    ],
    [
      'a directory twice',
      `name,id\n${good1}\nnorthwind,${ids.fabrikam}\n`,
      [`${prefix} 3: id is the directory of fabrikam too (line 14)`],
    ],
    [
      'a column that is not known',
      `name,id,regoin\n${good1},uk\n`,
      [`${prefix} 1: unknown column regoin: did you mean \`region\`? (line 14)`],
    ],
    [
      'no column names',
      `${good1}\n`,
      [
        `${prefix} 1: the first line names the columns, of which name and id are missing: begin it with name,id (line 14)`,
        `${prefix} 1: unknown column fabrikam: known are name, id, cloud, region (line 14)`,
        `${prefix} 1: unknown column ${ids.fabrikam}: known are name, id, cloud, region (line 14)`,
      ],
    ],
    [
      'a field too many',
      `name,id\n${good1},uk\n`,
      [`${prefix} 2: has more fields than the first line has names (line 14)`],
    ],
    [
      'a quote left open',
      `name,id\n"fabrikam,${ids.fabrikam}\n`,
      [`${prefix} 2: begins a quote that is not closed (line 14)`],
    ],
    ['nobody', 'name,id\n', [`${prefix} 1: names no customer (line 14)`]],
  ])('%s', (_name, text, problems) => {
    expect(problemsOf(grouped('customers.csv'), { 'customers.csv': text })).toEqual(problems);
  });

  test('ten at most, since one wrong column spoils every line', () => {
    const rows = Array.from({ length: 40 }, (_, index) => `c${index},no-guid`).join('\n');
    const problems = problemsOf(grouped('customers.csv'), { 'customers.csv': `name,id\n${rows}\n` });
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toContain('and 30 more problems');
  });

  test.each([
    [
      'in a YAML file, the key and the line',
      grouped('c.yaml'),
      { 'c.yaml': `- name: fabrikam\n  id: ${ids.fabrikam}\n  clout: gcc\n` },
      'tenants[1].customers: FOLDER/c.yaml line 3: [0].clout unknown key: did you mean `cloud`? (line 14)',
    ],
    [
      'in a list in the file itself, the line there',
      grouped('[{ name: fabrikam, id: x }]'),
      {},
      'tenants[1].customers[0].id: must be the GUID of the directory, or one of its domains such as contoso.onmicrosoft.com (line 14)',
    ],
    [
      'a file that is not there',
      grouped('c.csv'),
      {},
      'tenants[1].customers: the file FOLDER/c.csv does not exist (line 14)',
    ],
    [
      'an id and customers',
      grouped('customers.csv\n    id: contoso.com'),
      { 'customers.csv': csv },
      'tenants[1].customers: stands beside `id`: an entry is one tenant, or a group of them (line 14)',
    ],
    [
      'a list with a tenant that is not there',
      grouped('customers.csv', '  - { name: a, tenant: [msp, nowhere] }\n'),
      { 'customers.csv': csv },
      'sources[0].tenant: names no tenant of this file: there is contoso, msp, fabrikam, northwind (line 20)',
    ],
    [
      'a route with a tenant that is not there',
      grouped('customers.csv', undefined, '  - { to: [far], where: { tenant: fabricam } }\n'),
      { 'customers.csv': csv },
      'routes[0].where.tenant: names no tenant of this file: did you mean `fabrikam`? (line 37)',
    ],
    [
      'a route with a source of a tenant that it does not read',
      grouped('customers.csv', undefined, '  - { from: [alerts@msp], to: [far] }\n'),
      { 'customers.csv': csv },
      'routes[0].from[0]: names no source of this file: there is msp-alerts, alerts, connector (line 37)',
    ],
  ])('%s', (_name, text, files, problem) => {
    expect(problemsOf(text, files as unknown as Record<string, string>)).toEqual([problem]);
  });
});
