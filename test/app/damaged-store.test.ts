import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { main } from '../../src/command-line.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { breakBlock, breakTable, fillStore } from '../support/damaged-store.ts';

let folder: string;
let configPath: string;
let storePath: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'damaged-'));
  storePath = join(folder, 'state.db');
  configPath = join(folder, 'config.yaml');
  // Nobody listens at these addresses: the source only fails.
  const config = {
    tenants: [
      {
        name: 'contoso',
        id: '00000000-0000-0000-0000-000000000000',
        auth: { clientId: '11111111-1111-1111-1111-111111111111', clientSecret: 'of no use' },
        endpoints: { authority: 'https://127.0.0.1:9', graph: 'https://127.0.0.1:9' },
      },
    ],
    sources: [{ name: 'alerts', type: 'graph-alerts', tenant: 'contoso' }],
    sinks: ['one', 'two'].map((name) => ({ name, type: 'file', path: join(folder, name), format: 'json' })),
  };
  writeFileSync(configPath, JSON.stringify(config), { mode: 0o600 });
  await fillStore(storePath);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function status(...options: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(['status', '--config', configPath, ...options], {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    env: {},
    terminal: false,
    readInput: async () => '',
    async *inputChunks() {},
    stop: new AbortController().signal,
    hurry: new AbortController().signal,
    endAfterStop: () => {},
    onReload: () => {},
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('damage that a sink comes upon ends the program with exit code 6', async () => {
  breakBlock(storePath, 1200);
  const config = loadConfig(configPath, parts, {});
  await using store = openSqliteStore(storePath);
  const options = { store, telemetry: new Telemetry(), clock: systemClock, log: silentLog };
  await using app = await createApp(config, options);
  await expect(app.run(new AbortController().signal)).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    exitCode: 6,
  });
});

test('status of a damaged store tells what can be read, what cannot, and what to do', async () => {
  breakTable(storePath, 'seen');
  const { code, out, err } = await status();
  expect(code).toBe(6);
  expect(out).toMatch(/alerts: NOT OK, graph-alerts of contoso, read up to 2026-11-03T07:59:59/);
  expect(out).toMatch(/one: NOT OK, file, backlog 1500, dead letters 1/);
  expect(out).toMatch(
    /^store: NOT OK\n {2}problem: is damaged.*not healthy: store, source alerts, sink one/s,
  );
  expect(err).toMatch(/is damaged.*journal rows 2000, dead letters 1.*not: seen keys.*Next: .*mv /s);
});

test('status of a damaged store in JSON names each table', async () => {
  breakTable(storePath, 'sink');
  const { code, out } = await status('--json');
  expect(code).toBe(6);
  expect(JSON.parse(out)).toMatchObject({
    healthy: false,
    damage: expect.stringContaining('is damaged'),
    tables: { journal: { rows: 2000, extent: 'whole' }, sink: { rows: 0, extent: 'nothing' } },
  });
});
