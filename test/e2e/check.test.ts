import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { parseCef } from '../support/cef-parser.ts';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { runInProcess } from '../support/in-process.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const authority = createAuthority();
const certificate: Certificate = authority.issue('127.0.0.1');
const source = { tenant: 'simulated', since: '24h', settle: '1s' } as const;
const sources = [
  { name: 'alerts', type: 'graph-alerts', ...source },
  { name: 'endpoint', type: 'alerts', ...source },
  { name: 'siem-api', type: 'detections', ...source },
];

function configFor(simulator: Simulator, syslogPort: number, httpUrl: string, rest = {}): string {
  const folder = testFolder();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  return writeConfig(folder, simulator, {
    sources,
    sinks: [
      { name: 'tls', type: 'syslog', host: '127.0.0.1', port: syslogPort, tls: { ca: './ca.pem' } },
      { name: 'web', type: 'http', url: httpUrl },
      { name: 'disk', type: 'file', path: './events.ndjson' },
    ],
    ...rest,
  });
}

test('check validates, and warns of the APIs that retire, with the date', async () => {
  const config = configFor(await stillSimulator(), 6514, 'http://127.0.0.1:9/');
  const { code, stdout, stderr } = await runInProcess(['check', '--config', config]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [valid, ...warnings] = stdout.trimEnd().split('\n');
  expect(valid).toBe(`ok: ${config}: valid: tenants 1, sources 3, sinks 3`);
  expect(warnings).toEqual([
    expect.stringMatching(/^warning: source endpoint: .*2027-02-01.*graph-alerts/),
    expect.stringMatching(/^warning: source siem-api: .*2024-12-31.*graph-alerts/),
  ]);
});

test('check --live tries tokens, permissions, a record of each source, and each sink', async () => {
  await using syslog = await SyslogReceiver.listen('octet-counting', certificate);
  await using http = await HttpReceiver.listen();
  const config = configFor(await stillSimulator(), syslog.port, http.url);
  const { code, stdout, stderr } = await runInProcess(['check', '--live', '--config', config]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('failed') });
  const lines = stdout.split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^ok: source alerts of simulated: token with .*SecurityAlert\.Read\.All.*; read \S+$/,
    ),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ok: source endpoint of simulated: token with .*Alert\.Read\.All.*; read \S+$/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^ok: source siem-api of simulated: token with .*; read \S+$/),
  );
  for (const sink of ['tls', 'web', 'disk']) expect(lines).toContain(`ok: sink ${sink}: opened`);
  expect(syslog.connections).toBe(1);
  expect(syslog.messages).toEqual([]);
});

test('check --send-test brings a test event to each sink, which says that it is one', async () => {
  await using syslog = await SyslogReceiver.listen('octet-counting', certificate);
  await using http = await HttpReceiver.listen();
  const config = configFor(await stillSimulator(), syslog.port, http.url);
  const { code, stdout } = await runInProcess(['check', '--send-test', '--config', config]);
  expect(code).toBe(0);
  const sent = [...stdout.matchAll(/^ok: sink \S+: sent the test event (\S+)$/gm)].map(([, id]) => id);
  expect(sent.length).toBe(3);
  const [message] = await syslog.received(1);
  const { header, extension } = parseCef(parse5424(message ?? Buffer.alloc(0)).text);
  expect(header.name).toBe('Test event of defender-siem');
  expect(sent[0]).toBe(extension.get('MSDefenderAlertId') ?? extension.get('externalId'));
  const [request] = (await http.arrived(1)).filter(({ method }) => method === 'POST');
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ id: sent[1], severity: 'informational' });
});

test('check --live tells each thing that is wrong, goes on, and ends in the code of the first', async () => {
  const simulator = await stillSimulator();
  simulator.control.registration.roles.graph = [];
  await using http = await HttpReceiver.listen();
  await using syslog = await SyslogReceiver.listen('octet-counting', certificate);
  const closed = syslog.port;
  await syslog[Symbol.asyncDispose]();
  const config = configFor(simulator, closed, http.url);
  const { code, stdout } = await runInProcess(['check', '--live', '--config', config]);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^failed: source alerts of simulated: .*SecurityAlert\.Read\.All.*consent/m);
  expect(stdout).toMatch(/^ok: source endpoint of simulated: /m);
  expect(stdout).toMatch(new RegExp(`^failed: sink tls: .*127\\.0\\.0\\.1:${closed}`, 'm'));
  expect(stdout).toMatch(/^ok: sink web: opened$/m);
});
