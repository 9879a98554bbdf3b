import { readdirSync, readFileSync } from 'node:fs';
import type { RecordKind } from '../../src/record.ts';

/** A published sample record (test/fixtures/SOURCES.md). */
export interface Fixture {
  /** Folder, file and line. */
  readonly name: string;
  readonly kind: RecordKind;
  readonly json: string;
}

const folders: Readonly<Record<string, RecordKind>> = {
  'legacy-detections': 'detection',
  'mde-alerts': 'alert',
  'graph-alerts-v2': 'graph-alert',
};
const root = new URL('../fixtures/', import.meta.url);

/** Every record of test/fixtures. */
export const fixtures: readonly Fixture[] = Object.entries(folders).flatMap(([folder, kind]) =>
  readdirSync(new URL(folder, root)).flatMap((file) =>
    readFileSync(new URL(`${folder}/${file}`, root), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((json, index) => ({ name: `${folder}/${file}:${index + 1}`, kind, json })),
  ),
);
