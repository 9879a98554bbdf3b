import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordKind } from '../../src/record.ts';
import { graphAlert } from '../../src/simulator/graph-alert.ts';
import { viewOf } from '../../src/simulator/tenant.ts';
import { World } from '../../src/simulator/world.ts';

/** What a record looks like. */
export interface Shape {
  readonly name: 'alerts' | 'events';
  readonly kind: RecordKind;
  /** Records in one answer of the API. */
  readonly perPage: number;
  /** Returns so many records, the same for the same seed, each with an id of its own. */
  records(count: number): Iterable<string>;
}

const tenantId = 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c';
const startMs = Date.UTC(2026, 10, 3, 8);

/** Graph alerts with their evidence, as the simulator tells them: 2 to 6 KB for most. */
export const alerts: Shape = {
  name: 'alerts',
  kind: 'graph-alert',
  perPage: 1000,
  *records(count) {
    const world = new World({
      seed: 7,
      startMs,
      ratePerMinute: 0,
      historyAlerts: count,
      historySpanMs: 30 * 86_400_000,
      visibilityLagMs: 0,
      stragglers: { share: 0, lagMs: 0 },
      hostileShare: 0,
    });
    world.advanceTo(startMs);
    for (const visible of world.visible(startMs)) {
      yield JSON.stringify(graphAlert(viewOf({ tenantId, world }, visible), true));
    }
  },
};

const programs = ['conhost.exe', 'powershell.exe', 'svchost.exe', 'msedge.exe', 'rundll32.exe', 'Teams.exe'];

/** Process events as the raw data stream brings them, about 1 KB each (API reference §10.2, §10.5). */
export const events: Shape = {
  name: 'events',
  kind: 'hunting-event',
  perPage: 1000,
  *records(count) {
    for (let number = 0; number < count; number++) {
      const seed = createHash('sha256').update(`event ${number}`).digest('hex');
      const program = programs[number % programs.length] ?? 'conhost.exe';
      const timestamp = `${new Date(startMs - (count - number) * 37).toISOString().slice(0, -1)}4567Z`;
      const user = `user${Number.parseInt(seed.slice(0, 3), 16)}`;
      yield JSON.stringify({
        time: timestamp,
        tenantId,
        operationName: 'Publish',
        category: 'AdvancedHunting-DeviceProcessEvents',
        properties: {
          Timestamp: timestamp,
          DeviceId: createHash('sha1')
            .update(`device ${number % 5000}`)
            .digest('hex'),
          DeviceName: `ws-${number % 5000}.corp.contoso.example`,
          ActionType: 'ProcessCreated',
          FileName: program,
          FolderPath: `C:\\Windows\\System32\\${program}`,
          SHA1: seed.slice(0, 40),
          SHA256: seed,
          ProcessId: Number.parseInt(seed.slice(0, 4), 16),
          ProcessCommandLine: `"${program}" --type=renderer --channel=${seed.slice(8, 24)} /prefetch:${number % 9}`,
          ProcessCreationTime: timestamp,
          AccountDomain: 'CONTOSO',
          AccountName: user,
          AccountSid: `S-1-5-21-111111111-222222222-333333333-${number % 9000}`,
          InitiatingProcessFileName: 'explorer.exe',
          InitiatingProcessFolderPath: 'c:\\windows\\explorer.exe',
          InitiatingProcessId: Number.parseInt(seed.slice(4, 8), 16),
          InitiatingProcessCommandLine: 'Explorer.EXE',
          ReportId: number,
        },
      });
    }
  },
};

/** The shapes that everything is measured with. */
export const shapes: readonly Shape[] = [alerts, events];

/** Pages of records on disk: each file is one answer of an API. */
export interface Pages {
  readonly kind: RecordKind;
  readonly files: readonly string[];
  readonly records: number;
  /** Of the records alone. */
  readonly bytes: number;
}

/** Writes `count` records of a shape as pages into a folder. */
export function writePages(shape: Shape, count: number, folder: string): Pages {
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  let bytes = 0;
  let records = 0;
  let page: string[] = [];
  const close = () => {
    if (page.length === 0) return;
    const file = join(folder, `${shape.name}-${files.length}.json`);
    writeFileSync(file, `{"@odata.context":"${shape.name}","value":[${page.join(',')}]}`);
    files.push(file);
    page = [];
  };
  for (const record of shape.records(count)) {
    page.push(record);
    records++;
    bytes += Buffer.byteLength(record);
    if (page.length === shape.perPage) close();
  }
  close();
  return { kind: shape.kind, files, records, bytes };
}
