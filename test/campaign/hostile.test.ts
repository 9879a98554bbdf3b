import { expect, test } from 'vitest';
import { scenario } from './hostile.ts';
import { shortForm } from './short-form.ts';

test('300 records of hostile text come back from every format and transport as they were', {
  timeout: 120_000,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  // 300 over each of ten transports, and 100 to standard output.
  expect(figures).toMatchObject({ records: 300, transports: 11, messages: 3100, oversize: 0, wrong: 0 });
});
