import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ConsoleApi } from '../../../connectors/qradar/console-api.ts';
import { load, main } from '../../../connectors/qradar/load.ts';
import { testFolder } from '../../support/connector-config.ts';
import { plainCsv } from '../../support/csv.ts';

const shipped = fileURLToPath(new URL('../../../connectors/qradar', import.meta.url));
const token = 'a-token-of-an-authorised-service';

type Stored = Record<string, unknown>;

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: Number.isSafeInteger,
  string: (value) => typeof value === 'string' && value !== '',
  boolean: (value) => typeof value === 'boolean',
};

/** What each list of the console takes: required fields with their types, and what may stand beside them. */
const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/api/data_classification/qid_records': {
    log_source_type_id: 'number',
    name: 'string',
    description: 'string',
    severity: 'number',
    low_level_category_id: 'number',
  },
  '/api/data_classification/dsm_event_mappings': {
    log_source_type_id: 'number',
    log_source_event_id: 'string',
    log_source_event_category: 'string',
    qid_record_id: 'number',
  },
  '/api/config/event_sources/custom_properties/regex_properties': {
    name: 'string',
    property_type: 'string',
    use_for_rule_engine: 'boolean',
    auto_discovered: 'boolean',
  },
  '/api/config/event_sources/custom_properties/property_leef_expressions': {
    regex_property_identifier: 'string',
    enabled: 'boolean',
    log_source_type_id: 'number',
    expression: 'string',
  },
};

/** Returns a folder with the beginnings of the files, enough to meet each case. */
function someOfThem(): string {
  const folder = testFolder();
  for (const file of ['event-mappings.csv', 'custom-properties.csv']) {
    const lines = readFileSync(join(shipped, file), 'utf8').split('\n');
    // Behind the first rows those that share a QID.
    writeFileSync(join(folder, file), [...lines.slice(0, 61), ...lines.slice(200, 230)].join('\n'));
  }
  return folder;
}

/** A console that refuses what QRadar's API documents as refused: tokens, shapes, repeats, unknown references. */
async function startConsole() {
  const lists = new Map<string, Stored[]>(Object.keys(shapes).map((path) => [path, []]));
  lists.set('/api/config/event_sources/log_source_management/log_source_types', [
    { id: 176, name: 'Universal LEEF' },
    { id: 4, name: 'Snort' },
  ]);
  let calls = 0;
  const answer = (method: string, url: URL, range: string, body: string): [number, unknown] => {
    const list = lists.get(url.pathname);
    if (list === undefined) return [404, { message: 'no such endpoint' }];
    if (method === 'GET') {
      const [, from = '0', to = '0'] = /^items=(\d+)-(\d+)$/.exec(range) ?? [];
      const filter = /^(\w+)="?([^"]*)"?$/.exec(url.searchParams.get('filter') ?? '');
      const found = list.filter((each) => filter === null || String(each[filter[1] ?? '']) === filter[2]);
      return [200, found.slice(Number(from), Number(to) + 1)];
    }
    const object: Stored = JSON.parse(body);
    const shape = shapes[url.pathname] ?? {};
    const wrong = [...new Set([...Object.keys(shape), ...Object.keys(object)])].find(
      (key) => shape[key] === undefined || !types[shape[key]]?.(object[key]),
    );
    if (wrong !== undefined) return [422, { message: `wrong field ${wrong}` }];
    const repeated = list.some((each) =>
      Object.keys(shape)
        .filter((key) => /name|_event_|expression|identifier/.test(key))
        .every((key) => each[key] === object[key]),
    );
    if (repeated) return [409, { message: 'exists' }];
    const made = { ...object, id: list.length + 1, identifier: `id-${list.length + 1}` };
    list.push(made);
    return [201, made];
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      calls++;
      const url = new URL(request.url ?? '', 'http://console');
      const [status, object] =
        request.headers.sec !== token || request.headers.version === undefined
          ? [401, { message: 'no' }]
          : answer(request.method ?? '', url, String(request.headers.range), body);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(object));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { url, lists, calls: () => calls };
}

test('what the files hold is in QRadar after a load, and a second load makes nothing', async () => {
  const console = await startConsole();
  const api = new ConsoleApi(console.url, token);
  const folder = someOfThem();
  const mappings = plainCsv(readFileSync(join(folder, 'event-mappings.csv'), 'utf8'));
  const properties = plainCsv(readFileSync(join(folder, 'custom-properties.csv'), 'utf8'));
  expect(await load(api, folder)).toEqual({
    qids: new Set(mappings.map(({ qid_name }) => qid_name)).size,
    mappings: mappings.length,
    properties: properties.length,
    expressions: properties.length,
    unchanged: 0,
  });
  const mapped = console.lists.get('/api/data_classification/dsm_event_mappings') ?? [];
  const records = console.lists.get('/api/data_classification/qid_records') ?? [];
  const found = mapped.find(
    (each) =>
      each.log_source_event_id === 'Defender CredentialAccess' && each.log_source_event_category === '8',
  );
  expect(records.find(({ id }) => id === found?.qid_record_id)).toMatchObject({
    name: 'Microsoft Defender: Credential Access (high)',
    severity: 8,
    low_level_category_id: 5014,
    log_source_type_id: 176,
  });
  expect(await load(api, folder)).toEqual({
    qids: 0,
    mappings: 0,
    properties: 0,
    expressions: 0,
    unchanged: mappings.length + properties.length,
  });
});

test('a refusal names the call and what to do', async () => {
  const console = await startConsole();
  await expect(load(new ConsoleApi(console.url, 'wrong'), shipped)).rejects.toThrow(
    /GET \/api\/config.*401.*authorised service/,
  );
});

test('the token goes to no other address, and not in the clear', async () => {
  const elsewhere = await startConsole();
  const moved = createServer((_, response) => {
    response.writeHead(307, { Location: new URL('/api/moved', elsewhere.url).href }).end();
  }).listen(0, '127.0.0.1');
  await once(moved, 'listening');
  onTestFinished(() => void moved.close());
  const url = new URL(`http://127.0.0.1:${(moved.address() as AddressInfo).port}`);
  await expect(load(new ConsoleApi(url, token), shipped)).rejects.toThrow(/307/);
  const tokenFile = join(testFolder(), 'token');
  writeFileSync(tokenFile, token);
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => told.mockRestore());
  expect(await main(['--console', elsewhere.url.href, '--token-file', tokenFile])).toBe(1);
  expect(told).toHaveBeenCalledWith(expect.stringContaining('usage: load --console https://'));
  expect(elsewhere.calls()).toBe(0);
});
