import { plainCsv } from '../csv.ts';
import { readConf, type Stanza } from './conf-file.ts';
import { type Expression, parseEval } from './eval-expression.ts';
import { evaluate, type Value } from './eval-functions.ts';
import { type EventFilter, parseFilter } from './event-filter.ts';
import { jsRegExp } from './pcre.ts';
import { pathsOf, spath } from './spath.ts';

/** An event as Splunk has indexed it. */
export interface IndexedRecord {
  readonly raw: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly host: string;
  /** Indexed fields, of HEC's `fields`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** An add-on's files by their path below its folder. */
export type AddOnTexts = ReadonlyMap<string, string>;

interface Knowledge {
  readonly kvMode: string;
  readonly reports: readonly string[];
  readonly aliases: readonly (readonly [from: string, to: string])[];
  readonly evals: readonly (readonly [field: string, expression: Expression])[];
  readonly lookups: readonly string[];
}

/**
 * What an add-on makes of events when they are searched, in Splunk's order: extractions, KV_MODE, aliases, calculated
 * fields (none sees another's result), lookups, event types, tags.
 */
export class SearchTime {
  readonly #texts: AddOnTexts;
  readonly #props: readonly Stanza[];
  readonly #transforms: readonly Stanza[];
  readonly #eventtypes: readonly (readonly [name: string, filter: EventFilter])[];
  readonly #tags: readonly Stanza[];
  readonly #knowledge = new Map<string, Knowledge>();

  constructor(texts: AddOnTexts) {
    this.#texts = texts;
    const stanzas = (file: string) => readConf(texts.get(`default/${file}.conf`) ?? '').stanzas;
    this.#props = stanzas('props');
    this.#transforms = stanzas('transforms');
    this.#tags = stanzas('tags');
    this.#eventtypes = stanzas('eventtypes').map(({ name, settings }) => [
      name,
      parseFilter(settings.get('search') ?? ''),
    ]);
  }

  /** Returns the fields of an event; `eventtype` and `tag` among them. */
  fieldsOf(event: IndexedRecord): ReadonlyMap<string, Value> {
    const { kvMode, reports, aliases, evals, lookups } = this.#knowledgeOf(event);
    const fields = new Map<string, Value>(Object.entries(event.fields).map(([key, text]) => [key, [text]]));
    for (const [key, text] of Object.entries({
      source: event.source,
      sourcetype: event.sourcetype,
      host: event.host,
    }))
      fields.set(key, [text]);
    fields.set('_raw', [event.raw]);
    for (const report of reports) this.#extract(report, fields);
    if (kvMode === 'json') {
      for (const path of pathsOf(event.raw)) if (!fields.has(path)) fields.set(path, spath(event.raw, path));
    }
    for (const [from, to] of aliases) {
      const value = fields.get(from);
      if (value !== undefined) fields.set(to, value);
    }
    const before = new Map(fields);
    for (const [field, expression] of evals) {
      const value = evaluate(expression, before);
      if (value.length === 0) fields.delete(field);
      else fields.set(field, value);
    }
    for (const lookup of lookups) this.#lookUp(lookup, fields);
    const types = this.#eventtypes.filter(([, filter]) => filter(fields)).map(([name]) => name);
    fields.set('eventtype', types);
    fields.set('tag', this.#tagsOf(types));
    return fields;
  }

  /** Settings of the source go before those of the source type. */
  #knowledgeOf({ source, sourcetype }: IndexedRecord): Knowledge {
    const key = `${source} ${sourcetype}`;
    const known = this.#knowledge.get(key) ?? this.#read(`source::${source}`, sourcetype);
    this.#knowledge.set(key, known);
    return known;
  }

  #read(...names: readonly string[]): Knowledge {
    const settings = new Map<string, string>();
    for (const name of names.toReversed()) {
      for (const [key, value] of this.#props.find((stanza) => stanza.name === name)?.settings ?? [])
        settings.set(key, value);
    }
    const of = (prefix: string) =>
      [...settings].flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
      );
    return {
      kvMode: settings.get('KV_MODE') ?? 'auto',
      reports: of('REPORT-').flatMap(([, value]) => value.split(/\s*,\s*/)),
      aliases: of('FIELDALIAS-').flatMap(([, value]) => aliasesOf(value)),
      evals: of('EVAL-').map(([field, value]) => [field, parseEval(value)]),
      lookups: of('LOOKUP-').map(([, value]) => value),
    };
  }

  #extract(report: string, fields: Map<string, Value>): void {
    const transform = this.#transform(report);
    const text = fields.get(transform.get('SOURCE_KEY') ?? '_raw')?.[0];
    if (text === undefined) return;
    const formats = (transform.get('FORMAT') ?? '').split(/\s+/);
    for (const match of text.matchAll(jsRegExp(transform.get('REGEX') ?? '', 'g'))) {
      for (const format of formats) {
        const [key = '', value = ''] = format
          .split('::')
          .map((part) => part.replaceAll(/\$(\d)/g, (_whole, group: string) => match[Number(group)] ?? ''));
        if (!fields.has(key)) fields.set(key, [value]);
      }
    }
  }

  #lookUp(spec: string, fields: Map<string, Value>): void {
    const { table, inputs, outputs } = lookupOf(spec);
    const transform = this.#transform(table);
    const rows = plainCsv(this.#texts.get(`lookups/${transform.get('filename')}`) ?? '');
    const fold = transform.get('case_sensitive_match') === 'false';
    const wild = /^WILDCARD\((\w+)\)$/.exec(transform.get('match_type') ?? '')?.[1];
    const found = rows.find((row) =>
      inputs.every(([column, field]) => {
        const value = fields.get(field)?.[0];
        return value !== undefined && isSame(row[column] ?? '', value, fold, column === wild);
      }),
    );
    const hasInput = inputs.every(([, field]) => fields.has(field));
    for (const [column, field] of outputs) {
      const otherwise = hasInput ? transform.get('default_match') : undefined;
      const value = found?.[column] ?? otherwise;
      if (value !== undefined) fields.set(field, [value]);
    }
  }

  #transform(name: string): ReadonlyMap<string, string> {
    const found = this.#transforms.find((stanza) => stanza.name === name);
    if (found === undefined) throw new Error(`there is no [${name}] in transforms.conf`);
    return found.settings;
  }

  #tagsOf(types: readonly string[]): readonly string[] {
    return this.#tags
      .filter(({ name }) => types.includes(name.replace(/^eventtype=/, '')))
      .flatMap(({ settings }) => [...settings].flatMap(([tag, state]) => (state === 'enabled' ? [tag] : [])));
  }
}

/** Returns the pairs of `a AS b c AS "d"`. Throws at anything else. */
export function aliasesOf(value: string): readonly (readonly [from: string, to: string])[] {
  const pattern = /\s*("[^"]+"|\S+)\s+AS(?:NEW)?\s+("[^"]+"|\S+)/giy;
  const pairs: (readonly [string, string])[] = [];
  let end = 0;
  for (const match of value.matchAll(pattern)) {
    pairs.push([(match[1] ?? '').replaceAll('"', ''), (match[2] ?? '').replaceAll('"', '')]);
    end = match.index + match[0].length;
  }
  if (pairs.length === 0 || value.slice(end).trim() !== '') throw new Error(`no list of aliases: ${value}`);
  return pairs;
}

/** A LOOKUP-… setting: its table, and the columns with the fields they go by. */
export interface LookupSpec {
  readonly table: string;
  readonly inputs: readonly (readonly [column: string, field: string])[];
  readonly outputs: readonly (readonly [column: string, field: string])[];
}

/** Reads `table a AS b OUTPUT c AS d e`. Throws at anything else. */
export function lookupOf(spec: string): LookupSpec {
  const match = /^(\S+)\s+(.+?)\s+OUTPUT(?:NEW)?\s+(.+)$/.exec(spec);
  if (match === null) throw new Error(`no lookup: ${spec}`);
  const [, table = '', before = '', after = ''] = match;
  return { table, inputs: columnsOf(before), outputs: columnsOf(after) };
}

function columnsOf(list: string): readonly (readonly [column: string, field: string])[] {
  return [...list.matchAll(/(\w+)(?:\s+AS\s+(\w+))?/g)].map((match) => [
    match[1] ?? '',
    match[2] ?? match[1] ?? '',
  ]);
}

function isSame(written: string, value: string, fold: boolean, wild: boolean): boolean {
  const [pattern, text] = fold ? [written.toLowerCase(), value.toLowerCase()] : [written, value];
  if (!wild) return pattern === text;
  const parts = pattern.split('*').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
