import { expect, test } from 'vitest';
import { scenario } from './crash.ts';
import { CrashLedger } from './crash-ledger.ts';
import { shortForm } from './short-form.ts';

test('25 kills of the real process lose nothing and repeat only what was being sent', {
  timeout: 120_000,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  expect(figures).toMatchObject({ kills: 25, lost: 0 });
  expect(figures.events).toBeGreaterThan(100);
});

test('the account of a sink tells a repeat that may be from one that may not', () => {
  const event = (key: string, content = key) => ({ key, content });
  const ledger = new CrashLedger('siem', 2);
  for (const key of ['a', 'b', 'c', 'd']) ledger.add(event(key));
  ledger.killed();
  for (const key of ['c', 'd', 'e']) ledger.add(event(key));
  expect(ledger).toMatchObject({ repeated: 2, broken: [], sequence: ['a', 'b', 'c', 'd', 'e'] });

  ledger.add(event('d'));
  ledger.killed();
  ledger.add(event('e', 'another'));
  ledger.add(event('b'));
  expect(ledger.broken).toEqual([
    'siem: d came twice although no kill was in between',
    'siem: e came again with another content',
    'siem: b came again, 4 events behind the kill',
  ]);
});
