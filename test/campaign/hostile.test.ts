import { expect, test } from 'vitest';
import { needPeer, peerTestTimeoutMs } from '../support/debian-peer.ts';
import { scenario } from './hostile.ts';
import { throughPeer } from './hostile-peers.ts';
import { shortForm } from './short-form.ts';

test('300 records of hostile text come back from every format and transport as they were', {
  timeout: 120_000,
}, async () => {
  const { figures, broken } = await shortForm(scenario);
  expect(broken).toEqual([]);
  // 300 over each of eleven transports, and 100 through the command `format`.
  expect(figures).toMatchObject({ records: 300, transports: 12, messages: 3400, oversize: 0, wrong: 0 });
});

test.for(['rsyslog', 'syslog-ng'] as const)(
  'a real %s writes what it was sent, message by message',
  {
    timeout: peerTestTimeoutMs,
  },
  async (name, context) => {
    await needPeer(context, name);
    const { messages, broken } = await throughPeer(name, 1, 40);
    expect(broken).toEqual([]);
    // In three formats over each of its transports.
    expect(messages).toBe(name === 'rsyslog' ? 360 : 240);
  },
);
