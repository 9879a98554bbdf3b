import { readFileSync } from 'node:fs';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { aliasesOf, lookupOf } from '../search-time.ts';
import { problemsOfSearch, type SearchWorld } from '../spl.ts';
import { type PackedAddOn, type Rule, thrown, when } from './rule.ts';

const dashboards = schema('dashboard.rng');
const navigation = schema('navigation.rng');
const viewFile = /^default\/data\/ui\/views\/(\w+)\.xml$/;

/** Views that every app has. */
const ownViews = ['alerts', 'analytics_workspace', 'dashboards', 'datasets', 'reports', 'search'];

/** Fields of the index that searches may name besides those of the add-on. */
const indexed = ['event_id', 'event_version', 'tenant', 'changes', 'table', 'tag'];

/** Rules about searches, macros and dashboards. */
export const searchRules: readonly Rule[] = [
  {
    name: 'searches off',
    check: (addOn) =>
      savedSearches(addOn)
        .filter(({ settings }) => settings.get('disabled') !== '1')
        .map(({ name }) => `[${name}] is not disabled`),
  },
  {
    name: 'no defaults for others',
    check: (addOn) =>
      ['eventtypes', 'props', 'savedsearches', 'tags', 'transforms'].flatMap((file) =>
        addOn
          .conf(file)
          .stanzas.filter(({ name }) => name === 'default')
          .map(() => `${file}.conf has a [default]`),
      ),
  },
  {
    name: 'search bounds',
    check: (addOn) =>
      savedSearches(addOn).flatMap(({ name, settings }) => {
        const times = ['dispatch.earliest_time', 'dispatch.latest_time'].map(
          (key) => settings.get(key) ?? '',
        );
        return [
          ...when(
            times.some((time) => !/^(?:now|-\d+[smhdw](?:@[smhdw])?)$/.test(time)),
            `[${name}] has no bounds in time`,
          ),
          ...when(!/^\d+$/.test(settings.get('dispatch.max_time') ?? ''), `[${name}] may run for ever`),
        ];
      }),
  },
  {
    name: 'search schedule',
    check: (addOn) =>
      savedSearches(addOn)
        .filter(({ settings }) => !isCron(settings.get('cron_schedule') ?? ''))
        .map(({ name, settings }) => `[${name}] cron_schedule = ${settings.get('cron_schedule')}`),
  },
  {
    name: 'search description',
    check: (addOn) =>
      savedSearches(addOn)
        .filter(({ settings }) => (settings.get('description') ?? '').length < 20)
        .map(({ name }) => `[${name}] does not say what it is for`),
  },
  {
    name: 'search actions',
    check: (addOn) =>
      savedSearches(addOn).flatMap(({ name, settings }) =>
        [...settings.keys()]
          .filter((key) => key.startsWith('action.'))
          .map((key) => `[${name}] ${key} is for users to add`),
      ),
  },
  {
    name: 'saved searches',
    check: (addOn) => {
      const world = worldOf(addOn);
      return savedSearches(addOn).flatMap(({ name, settings }) =>
        problemsOfSearch(settings.get('search') ?? '', world).map((problem) => `[${name}] ${problem}`),
      );
    },
  },
  {
    name: 'suppression',
    check: (addOn) =>
      savedSearches(addOn).flatMap(({ name, settings }) => {
        const last = /\|\s*table ([\w ]+)$/.exec(settings.get('search') ?? '')?.[1]?.split(' ') ?? [];
        const fields = settings.get('alert.suppress.fields')?.split(',') ?? [];
        return fields
          .filter((field) => !last.includes(field))
          .map((field) => `[${name}] has no field ${field}`);
      }),
  },
  {
    name: 'navigation',
    check: (addOn) => {
      const text = addOn.text('default/data/ui/nav/default.xml') ?? '';
      const views = addOn.files.flatMap((path) => viewFile.exec(path)?.[1] ?? []);
      const named = [...text.matchAll(/<view name="(\w+)"/g)].map((match) => match[1] ?? '');
      return [
        ...thrown('nav/default.xml', () => validate(text, navigation)),
        ...named
          .filter((view) => ![...views, ...ownViews].includes(view))
          .map((view) => `there is no view ${view}`),
        ...views.filter((view) => !named.includes(view)).map((view) => `nothing leads to the view ${view}`),
      ];
    },
  },
  {
    name: 'dashboards',
    check: (addOn) =>
      addOn.files
        .filter((path) => viewFile.test(path))
        .flatMap((path) => thrown(path, () => validate(addOn.text(path) ?? '', dashboards))),
  },
  {
    name: 'dashboard searches',
    check: (addOn) => {
      const world = worldOf(addOn);
      return addOn.files
        .filter((path) => viewFile.test(path))
        .flatMap((path) => problemsOfView(addOn, path, world));
    },
  },
];

function problemsOfView(addOn: PackedAddOn, path: string, world: SearchWorld): readonly string[] {
  const text = addOn.text(path) ?? '';
  const inputs = [...text.matchAll(/<input [^>]*token="(\w+)"/g)].map((match) => match[1] ?? '');
  const tokens = [...text.matchAll(/\$(\w+)(?:\.\w+)?\$/g)].map((match) => match[1] ?? '');
  const queries = [...text.matchAll(/<query>([^<]*)<\/query>/g)].map((match) => plain(match[1] ?? ''));
  return [
    ...tokens.filter((token) => !inputs.includes(token)).map((token) => `${path}: no input sets $${token}$`),
    ...inputs.filter((input) => !tokens.includes(input)).map((input) => `${path}: nothing reads $${input}$`),
    ...queries.flatMap((query) => problemsOfSearch(query, world)).map((problem) => `${path}: ${problem}`),
  ];
}

/** Returns the fields that the add-on's mapping makes, and its macros. */
export function worldOf(addOn: PackedAddOn): SearchWorld {
  const settings = addOn.conf('props').stanzas.flatMap((stanza) => [...stanza.settings]);
  const fields = settings.flatMap(([key, value]) => {
    if (key.startsWith('EVAL-')) return [key.slice('EVAL-'.length)];
    if (key.startsWith('FIELDALIAS-')) return aliasesOf(value).map(([, to]) => to);
    return key.startsWith('LOOKUP-') ? lookupOf(value).outputs.map(([, field]) => field) : [];
  });
  const macros = addOn
    .conf('macros')
    .stanzas.map((stanza) => [stanza.name, stanza.settings.get('definition') ?? ''] as const);
  return { fields: new Set([...fields, ...indexed]), macros: new Map(macros) };
}

function savedSearches(addOn: PackedAddOn) {
  return addOn.conf('savedsearches').stanzas;
}

/** Five fields, and not more often than every five minutes. */
function isCron(text: string): boolean {
  const fields = text.split(' ');
  const [minutes = ''] = fields;
  const oftenEnough = /^\*\/(\d+)$/.exec(minutes)?.[1];
  return (
    fields.length === 5 &&
    fields.every((field) => /^(?:\*(?:\/\d+)?|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/.test(field)) &&
    minutes !== '*' &&
    (oftenEnough === undefined || Number(oftenEnough) >= 5)
  );
}

function plain(xml: string): string {
  return xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function schema(file: string): RelaxNGValidator {
  using document = XmlDocument.fromBuffer(readFileSync(new URL(`../${file}`, import.meta.url)));
  return RelaxNGValidator.fromDoc(document);
}

function validate(text: string, by: RelaxNGValidator): void {
  using document = XmlDocument.fromString(text);
  by.validate(document);
}
