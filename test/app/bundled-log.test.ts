import { expect, test } from 'vitest';
import { createBundledLog } from '../../src/app/bundled-log.ts';
import type { Log } from '../../src/runtime/log.ts';
import { HeldClock } from '../support/held-clock.ts';

function bench() {
  const lines: string[] = [];
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  const clock = new HeldClock();
  return { lines, clock, log: createBundledLog(log, clock) };
}

const message = 'source cannot be read';
const fail = (tenant: string, reason = `tenant ${tenant}, graph API: 503`) => ({
  tenant,
  source: `alerts@${tenant}`,
  reason,
});

test('of many tenants with one failure five are told one by one, the others in one line', () => {
  const { lines, log } = bench();
  for (let index = 0; index < 50; index++) log.error(fail(`c${index}`), message);
  log.end();
  expect(lines).toHaveLength(6);
  expect(lines[4]).toContain('"tenant":"c4"');
  expect(lines[5]).toBe(
    'error source cannot be read; within a minute it was the same with these further tenants ' +
      '{"tenants":45,"names":"c5, c6, c7, c8, c9, c10, c11, c12, c13, c14 and 35 more","reason":"tenant c49, graph API: 503"}',
  );
});

test('another reason, another message or another level is another kind', () => {
  const { lines, log } = bench();
  for (const tenant of ['a', 'b', 'c', 'd', 'e']) log.error(fail(tenant), message);
  log.error(fail('f', 'tenant f: the secret has expired'), message);
  log.error(fail('g'), 'another message');
  log.warn(fail('h'), message);
  expect(lines).toHaveLength(8);
});

test('a tenant that was told of is not held back, and neither is what concerns no tenant, nor a line for debugging', () => {
  const { lines, log } = bench();
  for (let index = 0; index < 20; index++) {
    log.error(fail('one'), message);
    log.error({ reason: 'the disk is full' }, 'the store cannot be pruned');
    log.debug(fail(`c${index}`), message);
  }
  expect(lines).toHaveLength(60);
});

test('the line comes when the minute is over, and then it begins anew', async () => {
  const { lines, clock, log } = bench();
  for (const tenant of ['a', 'b', 'c', 'd', 'e']) log.error(fail(tenant), message);
  clock.nowMs += 45_000;
  clock.passes = (ms) => ms === 15_000;
  log.error(fail('f'), message);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(lines[5]).toContain('"tenants":1,"names":"f"');
  log.error(fail('g'), message);
  expect(lines[6]).toContain('"tenant":"g"');
});

test('a minute after the first line five more are told one by one, where none was held back', () => {
  const { lines, clock, log } = bench();
  for (const tenant of ['a', 'b', 'c', 'd', 'e']) log.error(fail(tenant), message);
  clock.nowMs += 60_000;
  for (const tenant of ['f', 'g', 'h', 'i', 'j']) log.error(fail(tenant), message);
  expect(lines).toHaveLength(10);
});
