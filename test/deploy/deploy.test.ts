import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { failures } from '../../src/errors.ts';
import { parts } from '../../src/parts.ts';
import { folderWith } from '../config/config-folder.ts';

const deploy = new URL('../../deploy/', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, deploy), 'utf8');
}

describe('Kubernetes', () => {
  const files = readdirSync(new URL('kubernetes/', deploy));

  test.each(files)('%s is YAML, one document', (file) => {
    const documents = parseAllDocuments(read(`kubernetes/${file}`));
    expect(documents).toHaveLength(1);
    expect('errors' in documents ? [] : documents.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('the kustomization names files that are there, and all but the example of the secret', () => {
    const kustomization = parse(read('kubernetes/kustomization.yaml'));
    const named = [...kustomization.resources, ...kustomization.configMapGenerator[0].files];
    expect([...named, 'kustomization.yaml', 'secret.example.yaml'].sort()).toEqual([...files].sort());
  });

  test('the configuration loads, and listens where the probes knock', () => {
    const folder = folderWith({ 'client-secret': 'x' });
    const text = read('kubernetes/config.yaml').replace('/run/secrets/defender-siem', folder);
    writeFileSync(join(folder, 'config.yaml'), text);
    const config = loadConfig(join(folder, 'config.yaml'), parts, {});
    const { spec } = parse(read('kubernetes/statefulset.yaml')).spec.template;
    expect(config.admin?.listen).toEqual({
      host: '0.0.0.0',
      port: spec.containers[0].ports[0].containerPort,
    });
    const mounts: readonly { mountPath: string }[] = spec.containers[0].volumeMounts;
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual(
      expect.arrayContaining(['/run/secrets/defender-siem', join(config.store.path, '..')]),
    );
    expect(spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(config.shutdown.grace);
  });

  test('the pod runs without root, without rights, on a file system it cannot write', () => {
    const { spec } = parse(read('kubernetes/statefulset.yaml')).spec.template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('systemd', () => {
  const unit = read('systemd/defender-siem.service');
  const settings = new Map(
    unit
      .split('\n')
      .filter((line) => /^[A-Za-z]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

  test('checks the configuration first, and does not try again with a wrong one', () => {
    expect(settings.get('ExecStartPre')).toMatch(/defender-siem check --config \S+$/);
    expect(settings.get('ExecStart')).toMatch(/defender-siem run --config \S+$/);
    expect(settings.get('RestartPreventExitStatus')).toBe(String(failures.CONFIG_INVALID.exitCode));
  });

  test('leaves longer to stop than the default of shutdown.grace', () => {
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(10);
  });

  test('runs without root, its file system read-only but for its state', () => {
    expect(Object.fromEntries(settings)).toMatchObject({
      DynamicUser: 'yes',
      ProtectSystem: 'strict',
      StateDirectory: 'defender-siem',
      NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '',
    });
  });
});

test('the container runs without root, with the built command', () => {
  const dockerfile = read('container/Dockerfile');
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).toContain('dist/src/cli.js');
});

test('the runbook has a row for every exit code', () => {
  const rows = [...read('README.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  const codes = new Set(Object.values(failures).map(({ exitCode }) => exitCode));
  expect(rows).toEqual(expect.arrayContaining([0, 1, 3, ...codes]));
});

test('every link of the runbook leads to a file', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(4);
  for (const link of links) {
    // configuration.md and the schema are written by `npm run docs`.
    expect(() => readFileSync(new URL(link, deploy))).not.toThrow();
  }
});
