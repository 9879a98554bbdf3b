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

test('demo --provision begins with no application at all, and ends with detections delivered', async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--provision', '--once']);
  expect(code).toBe(0);
  expect(stderr).toContain('enter the code');
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('$ defender-siem provision --config defender-siem.yaml');
  expect(lines.some((line) => line.startsWith('created the app registration defender-siem'))).toBe(true);
  expect(lines.at(-1)).toMatch(
    /^collected \d+, repeated 0, delivered cef \d+, leef \d+, json \d+, none missing$/,
  );
});
