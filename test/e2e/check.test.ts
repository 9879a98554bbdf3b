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

test('check --live tells of each tenant and sink as a table, and opens what the configuration names', async () => {
  await using syslog = await SyslogReceiver.listen('octet-counting', certificate);
  await using http = await HttpReceiver.listen();
  const config = configFor(await stillSimulator(), syslog.port, http.url);
  const { code, stdout, stderr } = await runInProcess(['check', '--live', '--config', config]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('failed') });
  const lines = stdout.split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^tenant simulated \(51515151-.*, commercial\)$/));
  for (const api of ['graph', 'defender', 'siem']) {
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^ {2}ok +token for ${api} +with the client secret of 51515151-`)),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^ {2}ok +API ${api} +127\\.0\\.0\\.1 at`)),
    );
  }
  for (const source of ['alerts', 'endpoint', 'siem-api']) {
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ {2}ok +source ${source} +read \\S+$`)));
  }
  for (const sink of ['tls', 'web', 'disk']) {
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^sink ${sink} \\(`)));
  }
  expect(lines.filter((line) => /^ {2}ok +opened +ready for events$/.test(line))).toHaveLength(3);
  expect(lines.at(-2)).toMatch(/^\d+ ok, \d+ warning, \d+ unknown$/);
  expect(stdout).not.toContain('\u001b');
  expect(syslog.messages).toEqual([]);
});

test('check --live --json is a line for each finding, with an id that stays', async () => {
  const simulator = await stillSimulator();
  simulator.control.registration.roles.graph = [];
  const config = writeConfig(testFolder(), simulator, {
    sinks: [{ name: 'disk', type: 'file', path: './events.ndjson' }],
  });
  const { code, stdout } = await runInProcess(['check', '--live', '--json', '--config', config]);
  expect(code).toBe(4);
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(findings.map(({ id, result }) => `${result} ${id}`)).toEqual([
    'ok configuration',
    'ok tenant.simulated.route',
    'ok tenant.simulated.authority',
    'ok tenant.simulated.directory',
    'ok tenant.simulated.token.graph',
    'failed tenant.simulated.permission.graph.SecurityAlert.Read.All',
    expect.stringMatching(/^warning tenant\.simulated\.permissions\.defender\.superfluous$/),
    expect.stringMatching(/^warning tenant\.simulated\.permissions\.xdr\.superfluous$/),
    'unknown tenant.simulated.credential',
    'ok tenant.simulated.api.graph',
    'ok tenant.simulated.clock.authority',
    'ok tenant.simulated.clock.graph',
    'not-tried tenant.simulated.source.alerts',
    'ok sink.disk.opened',
  ]);
  expect(findings.find(({ result }) => result === 'failed')).toMatchObject({
    what: 'permission SecurityAlert.Read.All',
    finding: 'missing, source alerts needs it; the token has none',
    advice: expect.stringMatching(/^Add the application permission .* grant admin consent, or run .*\.$/),
    code: 'PERMISSION_MISSING',
  });
});

test('check --send-test brings a test event to each sink, which says that it is one', async () => {
  await using syslog = await SyslogReceiver.listen('octet-counting', certificate);
  await using http = await HttpReceiver.listen();
  const config = configFor(await stillSimulator(), syslog.port, http.url);
  const { code, stdout } = await runInProcess(['check', '--send-test', '--config', config]);
  expect(code).toBe(0);
  const sent = [...stdout.matchAll(/^ {2}ok +test event +sent the test event (\S+)$/gm)].map(([, id]) => id);
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
  expect(stdout).toMatch(
    /^ {2}failed +permission SecurityAlert\.Read\.All .*source alerts needs it.*\n +→ .*consent/m,
  );
  expect(stdout).toMatch(/^ {2}not tried +source alerts +needs: permission SecurityAlert\.Read\.All$/m);
  expect(stdout).toMatch(/^ {2}ok +source endpoint /m);
  expect(stdout).toMatch(new RegExp(`^ {2}failed +connection +127\\.0\\.0\\.1:${closed} refused`, 'm'));
  expect(stdout).toMatch(/^ {2}ok +opened +ready for events$/m);
});
