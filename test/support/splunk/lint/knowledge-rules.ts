import { plainCsv } from '../../csv.ts';
import type { Stanza } from '../conf-file.ts';
import { parseEval, partsOf } from '../eval-expression.ts';
import { filterTokens, parseFilter } from '../event-filter.ts';
import { jsRegExp } from '../pcre.ts';
import { aliasesOf, lookupOf } from '../search-time.ts';
import { problemsOfCall } from '../spl.ts';
import { type PackedAddOn, type Rule, thrown, when } from './rule.ts';

/** Settings of props.conf that add-ons like this one use, and what they may be. */
const propsSettings: Readonly<Record<string, RegExp>> = {
  KV_MODE: /^(?:none|auto|auto_escaped|multi|json|xml)$/,
  LINE_BREAKER: /\(.*\)/,
  MAX_TIMESTAMP_LOOKAHEAD: /^\d+$/,
  SHOULD_LINEMERGE: /^(?:true|false)$/,
  TIME_FORMAT: /%/,
  TIME_PREFIX: /./,
  TRUNCATE: /^\d+$/,
  category: /./,
  description: /./,
  pulldown_type: /^(?:true|false|0|1)$/,
};
const transformSettings = [
  'FORMAT',
  'MV_ADD',
  'REGEX',
  'SOURCE_KEY',
  'case_sensitive_match',
  'default_match',
  'filename',
  'match_type',
  'max_matches',
  'min_matches',
];
const classes = /^(?:EXTRACT|REPORT|TRANSFORMS|FIELDALIAS|EVAL|LOOKUP)-([\w.-]+)$/;

/** Rules about what gives events their meaning. */
export const knowledgeRules: readonly Rule[] = [
  {
    name: 'props settings',
    check: (addOn) =>
      eachSetting(addOn, 'props').flatMap(({ where, key, value }) => {
        const form = propsSettings[key];
        if (form === undefined) return when(!classes.test(key), `${where} is no setting that is known here`);
        return when(!form.test(value), `${where} = ${value}`);
      }),
  },
  {
    name: 'props expressions',
    check: (addOn) =>
      eachSetting(addOn, 'props').flatMap(({ where, key, value }) => {
        if (key.startsWith('EVAL-')) return problemsOfEval(where, value);
        if (key.startsWith('FIELDALIAS-')) return thrown(where, () => aliasesOf(value));
        if (/^(?:EXTRACT-|LINE_BREAKER$|TIME_PREFIX$)/.test(key)) return thrown(where, () => jsRegExp(value));
        return [];
      }),
  },
  {
    name: 'props references',
    check: (addOn) => {
      const transforms = addOn.conf('transforms').stanzas;
      return eachSetting(addOn, 'props').flatMap(({ where, key, value }) => {
        if (/^(?:REPORT|TRANSFORMS)-/.test(key)) {
          const missing = value
            .split(/\s*,\s*/)
            .filter((name) => !transforms.some((stanza) => stanza.name === name));
          return missing.map((name) => `${where}: there is no [${name}] in transforms.conf`);
        }
        return key.startsWith('LOOKUP-') ? problemsOfLookup(addOn, where, value) : [];
      });
    },
  },
  {
    name: 'props names',
    check: (addOn) =>
      eachSetting(addOn, 'props')
        .filter(({ key }) => /^(?:EXTRACT|REPORT|TRANSFORMS|FIELDALIAS|LOOKUP)-(?!defender_siem_)/.test(key))
        .map(({ where }) => `${where}: a name that another add-on may have for the same source type`),
  },
  {
    name: 'shared source types',
    check: (addOn) =>
      addOn
        .conf('props')
        .stanzas.filter(({ name }) =>
          /^(?:ms365:defender:incident(?::alerts)?|ms:defender:atp:alerts)$/.test(name),
        )
        .flatMap(({ name, settings }) =>
          [...settings.keys()]
            .filter((key) => classes.test(key))
            .map((key) => `[${name}] ${key}: Splunk's own add-ons map this source type`),
        ),
  },
  {
    name: 'transforms',
    check: (addOn) =>
      addOn.conf('transforms').stanzas.flatMap((stanza) => problemsOfTransform(addOn, stanza)),
  },
  {
    name: 'lookup files',
    check: (addOn) => {
      const named = addOn
        .conf('transforms')
        .stanzas.map(({ settings }) => `lookups/${settings.get('filename')}`);
      const files = addOn.files.filter((path) => path.startsWith('lookups/'));
      return [
        ...files.filter((path) => !named.includes(path)).map((path) => `${path} is named by no transform`),
        ...files.flatMap((path) => thrown(path, () => plainCsv(addOn.text(path) ?? ''))),
        ...files.flatMap((path) =>
          when((addOn.text(path) ?? '').trim().split('\n').length < 2, `${path} has no rows`),
        ),
      ];
    },
  },
  {
    name: 'eventtypes',
    check: (addOn) =>
      addOn.conf('eventtypes').stanzas.flatMap(({ name, settings }) => {
        const search = settings.get('search') ?? '';
        return [
          ...when(/[|`[]/.test(search), `[${name}] is more than a search without pipes`),
          ...thrown(`[${name}]`, () => parseFilter(search)),
          ...thrown(`[${name}]`, () => checkStanzasNamed(addOn, search)),
        ];
      }),
  },
  {
    name: 'tags',
    check: (addOn) =>
      addOn.conf('tags').stanzas.flatMap(({ name, settings }) => {
        const type = /^eventtype=(.+)$/.exec(name)?.[1];
        const known = addOn.conf('eventtypes').stanzas.some((stanza) => stanza.name === type);
        return [
          ...when(!known, `[${name}]: there is no such event type`),
          ...[...settings]
            .filter(([, state]) => !/^(?:enabled|disabled)$/.test(state))
            .map(([tag]) => `[${name}] ${tag}`),
        ];
      }),
  },
  {
    name: 'indexed fields',
    check: (addOn) =>
      addOn.conf('fields').stanzas.flatMap(({ name, settings }) => {
        const sourcetype = /^sourcetype::(.+)::[\w*]+$/.exec(name)?.[1];
        const known = addOn.conf('props').stanzas.some((stanza) => stanza.name === sourcetype);
        return [
          ...when(sourcetype === undefined, `[${name}] holds for every source type of the whole instance`),
          ...when(sourcetype !== undefined && !known, `[${name}]: props.conf does not know the source type`),
          ...when(!/^(?:true|false)$/.test(settings.get('INDEXED') ?? ''), `[${name}] INDEXED`),
        ];
      }),
  },
];

function eachSetting(addOn: PackedAddOn, file: string) {
  return addOn
    .conf(file)
    .stanzas.flatMap(({ name, settings }) =>
      [...settings].map(([key, value]) => ({ where: `[${name}] ${key}`, key, value })),
    );
}

function problemsOfEval(where: string, value: string): readonly string[] {
  const unreadable = thrown(where, () => parseEval(value));
  if (unreadable.length > 0) return unreadable;
  const calls = partsOf(parseEval(value)).flatMap((part) => (part.kind === 'call' ? [part] : []));
  const patterns = calls
    .filter(({ name }) => name === 'replace' || name === 'match')
    .flatMap(({ args: [, pattern] }) => (pattern?.kind === 'text' ? [pattern.value] : []));
  return [
    ...calls
      .flatMap(({ name, args }) => problemsOfCall(name, args.length))
      .map((problem) => `${where}: ${problem}`),
    ...patterns.flatMap((pattern) => thrown(where, () => jsRegExp(pattern))),
  ];
}

function problemsOfLookup(addOn: PackedAddOn, where: string, value: string): readonly string[] {
  const unreadable = thrown(where, () => lookupOf(value));
  if (unreadable.length > 0) return unreadable;
  const { table, inputs, outputs } = lookupOf(value);
  const transform = addOn.conf('transforms').stanzas.find(({ name }) => name === table);
  const file = transform?.settings.get('filename');
  if (file === undefined) return [`${where}: there is no lookup [${table}] in transforms.conf`];
  const columns = (addOn.text(`lookups/${file}`) ?? '').split('\n')[0]?.split(',') ?? [];
  return [...inputs, ...outputs]
    .filter(([column]) => !columns.includes(column))
    .map(([column]) => `${where}: ${file} has no column ${column}`);
}

function problemsOfTransform(addOn: PackedAddOn, { name, settings }: Stanza): readonly string[] {
  const unknown = [...settings.keys()].filter((key) => !transformSettings.includes(key));
  const regex = settings.get('REGEX');
  const file = settings.get('filename');
  const found = [
    ...unknown.map((key) => `[${name}] ${key} is no setting that is known here`),
    ...when(
      (regex === undefined) === (file === undefined),
      `[${name}] is neither an extraction nor a lookup`,
    ),
    ...when(
      file !== undefined && addOn.text(`lookups/${file}`) === undefined,
      `[${name}]: lookups/${file} is missing`,
    ),
  ];
  if (regex === undefined) return found;
  const unreadable = thrown(`[${name}] REGEX`, () => jsRegExp(regex));
  if (unreadable.length > 0) return [...found, ...unreadable];
  const groups = (new RegExp(`${jsRegExp(regex).source}|`, jsRegExp(regex).flags).exec('')?.length ?? 1) - 1;
  const used = [...(settings.get('FORMAT') ?? '').matchAll(/\$(\d+)/g)].map((match) => Number(match[1]));
  return [
    ...found,
    ...when(repeatsByCharacter(regex), `[${name}] REGEX: long values end at DEPTH_LIMIT`),
    ...when(used.length === 0, `[${name}] FORMAT names no group`),
    ...used.filter((group) => group > groups).map((group) => `[${name}] FORMAT: there is no group ${group}`),
  ];
}

/** Whether a choice is repeated, a level deeper for each character: Splunk ends a match at 1000 levels (transforms.conf). */
function repeatsByCharacter(regex: string): boolean {
  return /\([^()]*\|[^()]*\)[*+]/.test(regex.replaceAll(/\[(?:\\.|[^\]])*\]/g, 'c').replaceAll(/\\./g, 'e'));
}

/** Throws where a search names a source or source type that props.conf has no stanza for. */
function checkStanzasNamed(addOn: PackedAddOn, search: string): void {
  const stanzas = addOn.conf('props').stanzas.map(({ name }) => name);
  for (const token of filterTokens(search)) {
    if (typeof token === 'string' || !/^source(?:type)?$/.test(token.field)) continue;
    const name = token.field === 'source' ? `source::${token.value}` : token.value;
    if (!stanzas.includes(name)) throw new Error(`props.conf has no [${name}]`);
  }
}
