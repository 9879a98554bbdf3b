import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { type ApiObject, ConsoleApi } from './console-api.ts';

/** What was made by a load, and what was there already. */
export interface LoadReport {
  readonly qids: number;
  readonly mappings: number;
  readonly properties: number;
  readonly expressions: number;
  readonly unchanged: number;
}

const types = 'config/event_sources/log_source_management/log_source_types';
const qids = 'data_classification/qid_records';
const mappings = 'data_classification/dsm_event_mappings';
const properties = 'config/event_sources/custom_properties/regex_properties';
const expressions = 'config/event_sources/custom_properties/property_leef_expressions';
/** The log source type whose DSM reads LEEF by whomever; the extension stands on it. */
const logSourceType = 'Universal LEEF';

type Row = Readonly<Record<string, string>>;

/**
 * Loads event mapping and custom properties from the CSV files in `folder` into a QRadar console. What is there already,
 * by its name or by event id and category, is left as it is: a second load makes nothing. Throws at the first call that
 * the console refuses.
 */
export async function load(api: ConsoleApi, folder: string): Promise<LoadReport> {
  const typeId = await typeIdOf(api);
  const rows = readCsv(join(folder, 'event-mappings.csv'));
  const names = idsBy(await api.list(qids, 'id,name', `log_source_type_id=${typeId}`), ['name'], 'id');
  const known = idsBy(
    await api.list(
      mappings,
      'id,log_source_event_id,log_source_event_category',
      `log_source_type_id=${typeId}`,
    ),
    ['log_source_event_id', 'log_source_event_category'],
    'id',
  );
  const made = { qids: 0, mappings: 0, properties: 0, expressions: 0, unchanged: 0 };
  for (const row of rows) {
    const event = [row.log_source_event_id, row.log_source_event_category].join('\n');
    if (known.has(event)) {
      made.unchanged++;
      continue;
    }
    const name = row.qid_name ?? '';
    if (!names.has(name)) {
      names.set(name, (await api.create(qids, qidOf(row, typeId))).id);
      made.qids++;
    }
    await api.create(mappings, {
      log_source_type_id: typeId,
      log_source_event_id: row.log_source_event_id,
      log_source_event_category: row.log_source_event_category,
      qid_record_id: names.get(name),
    });
    made.mappings++;
  }
  const custom = await loadProperties(api, typeId, readCsv(join(folder, 'custom-properties.csv')));
  return { ...made, ...custom, unchanged: made.unchanged + custom.unchanged };
}

async function loadProperties(api: ConsoleApi, typeId: unknown, rows: readonly Row[]) {
  const known = idsBy(await api.list(properties, 'identifier,name'), ['name'], 'identifier');
  const expressed = new Set(
    (await api.list(expressions, 'regex_property_identifier,expression', `log_source_type_id=${typeId}`)).map(
      (each) => `${each.regex_property_identifier}\n${each.expression}`,
    ),
  );
  const made = { properties: 0, expressions: 0, unchanged: 0 };
  for (const row of rows) {
    const name = row.property ?? '';
    if (!known.has(name)) {
      known.set(name, (await api.create(properties, propertyOf(row))).identifier);
      made.properties++;
    }
    const identifier = known.get(name);
    if (expressed.has(`${identifier}\n${row.key}`)) {
      made.unchanged++;
      continue;
    }
    await api.create(expressions, {
      regex_property_identifier: identifier,
      enabled: true,
      log_source_type_id: typeId,
      expression: row.key,
    });
    made.expressions++;
  }
  return made;
}

async function typeIdOf(api: ConsoleApi): Promise<unknown> {
  const [type] = await api.list(types, 'id,name', `name="${logSourceType}"`);
  if (type === undefined) throw new Error(`this QRadar has no log source type ${logSourceType}`);
  return type.id;
}

function qidOf(row: Row, typeId: unknown): ApiObject {
  return {
    log_source_type_id: typeId,
    name: row.qid_name,
    description: row.qid_description,
    severity: Number(row.severity),
    low_level_category_id: Number(row.low_level_category_id),
  };
}

function propertyOf(row: Row): ApiObject {
  return {
    name: row.property,
    property_type: row.type,
    use_for_rule_engine: row.used_in_rules === 'true',
    auto_discovered: false,
  };
}

function idsBy(objects: readonly ApiObject[], keys: readonly string[], id: string): Map<string, unknown> {
  return new Map(objects.map((object) => [keys.map((key) => String(object[key])).join('\n'), object[id]]));
}

/** Rows by the names of the first line; the files hold neither quotes nor commas in a cell. */
function readCsv(path: string): readonly Row[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}

/** Beside this file in the sources; in the npm package the sources' folder, from the compiled file's. */
function shippedFolder(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const packaged = fileURLToPath(new URL('../../../connectors/qradar/', import.meta.url));
  return existsSync(join(here, 'event-mappings.csv')) ? here : packaged;
}

/** Does what the command line says, and returns the exit code. What fails is told in a line on standard error. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        console: { type: 'string' },
        'token-file': { type: 'string' },
        folder: { type: 'string', default: shippedFolder() },
      },
    });
    const tokenFile = values['token-file'];
    // The token may do anything on the console.
    if (tokenFile === undefined || !/^https:\/\//i.test(values.console ?? ''))
      throw new Error('usage: load --console https://CONSOLE --token-file FILE [--folder FOLDER]');
    const api = new ConsoleApi(new URL(values.console ?? ''), readFileSync(tokenFile, 'utf8').trim());
    const made = await load(api, values.folder);
    process.stdout.write(
      `made ${made.qids} QIDs, ${made.mappings} event mappings, ${made.properties} properties, ${made.expressions} expressions; ${made.unchanged} were there\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
