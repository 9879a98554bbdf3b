import { readdirSync, readFileSync } from 'node:fs';
import type { RecordKind } from '../../src/record.ts';

/** A published sample record (test/fixtures/SOURCES.md). */
export interface Fixture {
  /** Folder, file and line. */
  readonly name: string;
  readonly kind: RecordKind;
  readonly json: string;
}

const folders: Readonly<Record<string, (file: string) => RecordKind>> = {
  'legacy-detections': () => 'detection',
  'mde-alerts': () => 'alert',
  'graph-alerts-v2': () => 'graph-alert',
  incidents: () => 'incident',
  streaming: () => 'hunting-event',
  hunting: () => 'hunting-event',
  machines: (file) => (/^machine(?:s|-references)\./.test(file) ? 'device' : 'entity'),
};
/** When a connector would have taken them, ms since 1970: some tell no time. */
export const acceptedAtMs = Date.UTC(2026, 10, 3, 9);

const root = new URL('../fixtures/', import.meta.url);

/** Every record of test/fixtures. */
export const fixtures: readonly Fixture[] = Object.entries(folders).flatMap(([folder, kindOf]) =>
  readdirSync(new URL(folder, root)).flatMap((file) =>
    recordsOf(file, readFileSync(new URL(`${folder}/${file}`, root), 'utf8')).map((json, index) => ({
      name: `${folder}/${file}:${index + 1}`,
      kind: kindOf(file),
      json,
    })),
  ),
);

/** A record to a line; of a whole answer of advanced hunting, its rows. */
function recordsOf(file: string, text: string): readonly string[] {
  if (!file.endsWith('.json')) return text.split('\n').filter((line) => line !== '');
  const answer = JSON.parse(text) as { readonly Results?: readonly object[]; results?: readonly object[] };
  return (answer.Results ?? answer.results ?? []).map((row) => JSON.stringify(row));
}
