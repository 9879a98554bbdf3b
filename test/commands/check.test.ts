import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { graphSource, stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { runInProcess } from '../support/in-process.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const dayMs = 86_400_000;
const golden = new URL('golden/check-live.txt', import.meta.url).pathname;

/** What is another one at each run stands for itself by name. */
function steady(text: string): string {
  return text
    .replace(/\/\S+\/(?=defender-siem\.yaml)/g, '')
    .replace(/(127\.0\.0\.1:)\d{4,5}/g, '$1PORT')
    .replace(/\d{4}-\d\d-\d\d \(\d+ d/g, 'DATE (N d')
    .replace(/expired on \d{4}-\d\d-\d\d/g, 'expired on DATE')
    .replace(/this host is \d+ s ahead|the same as here/g, 'CLOCK')
    .replace(/in \d+ ms$/gm, 'in N ms')
    .replace(/for \d+m$/gm, 'for Nm')
    .replace(/, read \S+|(?<=read )\S+$/gm, 'ID');
}

async function brokenHere(): Promise<string> {
  const authority = createAuthority('Corp Root');
  const simulator = await stillSimulator();
  const { roles } = simulator.control.registration;
  roles.graph = ['SecurityAlert.Read.All'];
  roles.defender = ['Machine.Isolate'];
  roles.xdr = [];
  const notAfter = new Date(Date.now() - 4 * dayMs);
  const old = authority.issue('siem.example', ['127.0.0.1'], { notBefore: new Date(0), notAfter });
  const [expired, good] = await Promise.all([
    SyslogReceiver.listen('octet-counting', old),
    SyslogReceiver.listen('octet-counting', authority.issue('siem.example')),
  ]);
  for (const receiver of [expired, good]) onTestFinished(() => receiver[Symbol.asyncDispose]());
  const folder = testFolder();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  const syslog = { type: 'syslog', host: '127.0.0.1' };
  return writeConfig(folder, simulator, {
    sources: [graphSource, { ...graphSource, name: 'endpoint', type: 'alerts' }],
    sinks: [
      { name: 'good', ...syslog, port: good.port, tls: { ca: './ca.pem' } },
      { name: 'expired', ...syslog, port: expired.port, tls: { ca: './ca.pem' } },
      { name: 'strange', ...syslog, port: good.port },
      { name: 'disk', type: 'file', path: './events.ndjson' },
    ],
  });
}

test('the whole of what check --live prints; colours on a terminal change nothing else', async () => {
  const args = ['check', '--live', '--config', await brokenHere()];
  const plain = await runInProcess(args);
  expect(plain.code).toBe(4);
  await expect(steady(plain.stdout)).toMatchFileSnapshot(golden);
  const coloured = await runInProcess(args, { colours: true });
  expect(coloured.stdout).toContain('\u001b[31mfailed');
  const [first = '', ...rest] = coloured.stdout.split('\u001b');
  const bare = [first, ...rest.map((part) => part.replace(/^\[\d+m/, ''))].join('');
  expect(steady(bare)).toBe(steady(plain.stdout));
  const without = await runInProcess(args, { colours: true, env: { NO_COLOR: '1' } });
  expect(without.stdout).not.toContain('\u001b');
});
