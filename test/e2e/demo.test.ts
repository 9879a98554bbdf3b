import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';

test('demo --once shows detections in each format, ends in the totals, and misses none', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--once']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.some((line) => line.startsWith('CEF  CEF:0|Microsoft|'))).toBe(true);
  expect(lines.some((line) => line.startsWith('LEEF LEEF:2.0|Microsoft|'))).toBe(true);
  expect(lines.some((line) => line.startsWith('JSON {'))).toBe(true);
  const totals = /^collected (\d+), repeated 0, delivered cef (\d+), leef (\d+), json (\d+), none missing$/;
  const [, collected, ...delivered] = totals.exec(lines.at(-1) ?? '') ?? [];
  expect(Number(collected)).toBeGreaterThan(60);
  expect(delivered).toEqual([collected, collected, collected]);
});
