import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { parts } from '../../src/parts.ts';
import { fixtures } from '../normalise/fixtures.ts';
import { runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** Packs the project as `npm publish` would, its build included; no network is needed. */
function pack(folder: string): Packed {
  const args = ['pack', '--json', '--offline', '--pack-destination', folder];
  const output = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // The build may print before the JSON.
  const [packed] = JSON.parse(output.slice(output.indexOf('[\n'))) as readonly Packed[];
  if (packed === undefined) throw new Error(`npm pack: ${output}`);
  return packed;
}

test('the package holds what users need and nothing else, and its program works', {
  timeout: 90_000,
}, async () => {
  const folder = testFolder();
  const { filename, files } = pack(folder);
  const paths = files.map(({ path }) => path);
  for (const wanted of [
    'LICENSE',
    'README.md',
    'package.json',
    'dist/src/cli.js',
    'dist/connectors/splunk/connector.js',
    'connectors/README.md',
    'connectors/splunk/README.md',
    'connectors/splunk/TA-defender-siem/default/props.conf',
    'connectors/splunk/sc4s/splunk_metadata.csv',
    'dist/connectors/splunk/pack.js',
    'connectors/splunk/example.yaml',
    'deploy/README.md',
    'deploy/configuration.md',
    'deploy/config.schema.json',
    'deploy/systemd/defender-siem.service',
    'deploy/container/Dockerfile',
  ]) {
    expect(paths).toContain(wanted);
  }
  const strange = paths.filter(
    (path) =>
      !/^(?:LICENSE|README\.md|package\.json|(?:dist|connectors|deploy)\/.+)$/.test(path) ||
      /\.ts$|\.test\.|(?:^|\/)(?:test|golden|node_modules)\//.test(path),
  );
  expect(strange).toEqual([]);

  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
  const installed = join(folder, 'package');
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'), 'dir');
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly bin: Readonly<Record<string, string>>;
  };
  // As npm links it: what is started is a link in a folder of its own.
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'defender-siem');
  symlinkSync(join(installed, manifest.bin['defender-siem'] ?? ''), program);

  const options = { program, cwd: folder };
  const simulator = await stillSimulator();
  const [json] = fixtures.flatMap((fixture) => (fixture.kind === 'graph-alert' ? [fixture.json] : []));
  writeConfig(folder, simulator, {
    sinks: [{ name: 'disk', type: 'file', format: 'leef', path: './events.leef' }],
  });
  const [version, schema, format, once] = await Promise.all([
    runCli(['--version'], options),
    runCli(['schema'], options),
    runCli(['format', '--as', 'json'], { ...options, input: `${json}\n` }),
    runCli(['once'], options),
  ]);
  expect(version).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  expect(schema).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(schema.stdout)).toEqual(JSON.parse(JSON.stringify(jsonSchema(parts))));
  expect(format).toEqual({ code: 0, stdout: `${json}\n`, stderr: '' });
  expect(once).toEqual({ code: 0, stdout: expect.stringContaining('collected 60'), stderr: '' });
  const lines = readFileSync(join(folder, 'events.leef'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBe(60);
});
