import { expect, test } from 'vitest';
import { sourcesNotYetRun } from '../../src/admin/readiness.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { aHealth, aSource } from './a-health.ts';

const neverRead = aHealth({ sources: [aSource({ watermark: undefined, lastSuccess: undefined })] });

test('a source that has not run yet is waited for', () => {
  expect(sourcesNotYetRun(neverRead, new Telemetry())).toEqual(['alerts']);
});

test('a source whose first run is still going on is waited for', () => {
  const telemetry = new Telemetry();
  telemetry.source('alerts').runs = 1;
  expect(sourcesNotYetRun(neverRead, telemetry)).toEqual(['alerts']);
  // The first slices of a long window have moved the watermark already.
  const halfRead = aHealth({ sources: [aSource({ lastSuccess: undefined })] });
  expect(sourcesNotYetRun(halfRead, telemetry)).toEqual(['alerts']);
});

test.each([
  ['succeeded', { runs: 1, lastSuccessMs: 1 }],
  ['failed', { runs: 1, failures: 1 }],
])('a source whose first run %s is not', (_how, totals) => {
  const telemetry = new Telemetry();
  Object.assign(telemetry.source('alerts'), totals);
  expect(sourcesNotYetRun(neverRead, telemetry)).toEqual([]);
});

test('a source that an earlier process has read is not', () => {
  expect(sourcesNotYetRun(aHealth(), new Telemetry())).toEqual([]);
});
