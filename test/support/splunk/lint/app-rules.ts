import { setting } from '../conf-file.ts';
import { type Rule, when } from './rule.ts';

/** What metadata can speak of. */
const objectTypes = [
  'eventtypes',
  'fields',
  'lookups',
  'macros',
  'props',
  'savedsearches',
  'tags',
  'transforms',
  'views',
];

/** What gives events their meaning: data models see it only where it is exported. */
const knowledge = ['props', 'transforms', 'lookups', 'eventtypes', 'tags', 'fields', 'macros'];

/** Rules about app.conf and the metadata. */
export const appRules: readonly Rule[] = [
  {
    name: 'id',
    check: (addOn) => {
      const app = addOn.conf('app');
      const ids = [setting(app, 'package', 'id'), setting(app, 'id', 'name')];
      return [
        ...ids.filter((id) => id !== addOn.name).map((id) => `the id ${id} is not the folder ${addOn.name}`),
        ...when(!/^[A-Za-z][\w-]*$/.test(addOn.name), `${addOn.name} cannot be an id`),
      ];
    },
  },
  {
    name: 'version',
    check: (addOn) => {
      const app = addOn.conf('app');
      const version = setting(app, 'launcher', 'version') ?? '';
      return [
        ...when(!/^\d+\.\d+\.\d+(?:[a-z]+\d*)?$/.test(version), `the version '${version}' is none`),
        ...when(setting(app, 'id', 'version') !== version, '[id] and [launcher] name different versions'),
      ];
    },
  },
  {
    name: 'app.conf',
    check: (addOn) => {
      const app = addOn.conf('app');
      const needed = [
        ['install', 'build', /^\d+$/],
        ['install', 'is_configured', /^(?:false|0)$/],
        ['launcher', 'author', /\S/],
        ['launcher', 'description', /^.{10,200}$/],
        ['package', 'check_for_updates', /^(?:false|0)$/],
        ['ui', 'label', /^.{5,80}$/],
        ['ui', 'is_visible', /^(?:true|false|0|1)$/],
      ] as const;
      return needed
        .filter(([stanza, key, pattern]) => !pattern.test(setting(app, stanza, key) ?? ''))
        .map(([stanza, key]) => `[${stanza}] ${key} = ${setting(app, stanza, key)}`);
    },
  },
  {
    name: 'label',
    check: (addOn) => {
      const label = setting(addOn.conf('app'), 'ui', 'label') ?? '';
      return when(/^Splunk\b/i.test(label), `'${label}' sounds as if Splunk had made it`);
    },
  },
  {
    name: 'well written',
    check: (addOn) =>
      addOn.files
        .filter((path) => /\.(?:conf|meta)$/.test(path))
        .flatMap((path) => {
          const text = addOn.text(path) ?? '';
          const file = path.replace(/^default\/(\w+)\.conf$/, '$1');
          const { problems } = file === path ? { problems: [] } : addOn.conf(file);
          return [
            ...problems.map((problem) => `${path}: ${problem}`),
            ...when(/^\uFEFF|\r|\uFFFD/.test(text), `${path} has a BOM, a CR or what is no UTF-8`),
            ...when(/\\[ \t]+$/m.test(text), `${path}: a blank behind the backslash at a line's end`),
          ];
        }),
  },
  {
    name: 'metadata',
    check: (addOn) => {
      const stanzas = metaOf(addOn.text('metadata/default.meta') ?? '');
      const all = stanzas.get('');
      const unknown = [...stanzas.keys()].filter((name) => name !== '' && !objectTypes.includes(name));
      return [
        ...unknown.map((name) => `[${name}] is no kind of object`),
        ...when(
          !/^read : \[ \* \], write : \[ [\w, ]+ \]$/.test(all?.get('access') ?? ''),
          '[] says not who may what',
        ),
        ...when(all?.get('export') !== 'none', '[] exports everything'),
        ...knowledge
          .filter((name) => stanzas.get(name)?.get('export') !== 'system')
          .map((name) => `[${name}] is not exported, so that data models do not see it`),
      ];
    },
  },
];

/** Stanzas of a .meta file; `[]` speaks of everything. */
function metaOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const stanzas = new Map<string, Map<string, string>>();
  let settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const name = /^\[(.*)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      settings = new Map();
      stanzas.set(name, settings);
      continue;
    }
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings.set(key, value);
  }
  return stanzas;
}
