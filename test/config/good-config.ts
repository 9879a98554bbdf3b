import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems, problemText } from '../../src/config/problems.ts';
import { folderWith } from './config-folder.ts';
import { parts } from './parts.ts';

/** A small configuration without a problem; the tables below break it a line at a time. */
export const good = `store:
  path: state.db
  retention: 7d
tenants:
  - name: contoso
    id: 00000000-0000-0000-0000-000000000000
    cloud: commercial
    auth:
      clientId: 11111111-1111-1111-1111-111111111111
      clientSecret: a-well-kept-secret
    endpoints:
      graph: https://graph.test:8443
sources:
  - name: alerts
    type: graph-alerts
    tenant: contoso
    every: 30s
    overlap: 15m
    settle: 5s
sinks:
  - name: near
    type: socket
    host: siem.test
    port: 6514
  - name: far
    type: web
    url: https://siem.test/collector
    token: another-secret
routes:
  - from: [alerts]
    to: [near, far]
admin:
  listen: 127.0.0.1:9464
`;

/** Returns what is said of a configuration; `FOLDER` stands for the folder of its file. */
export function problemsOf(text: string, env: Record<string, string> = {}): readonly string[] {
  const folder = folderWith({ 'config.yaml': text, 'ca.pem': 'a root', 'empty.txt': '' });
  try {
    loadConfig(join(folder, 'config.yaml'), parts, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map((problem) => problemText(problem).replaceAll(folder, 'FOLDER'));
  }
}

/** Returns the good configuration with one part of it changed. */
export function broken(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, () => to);
}
