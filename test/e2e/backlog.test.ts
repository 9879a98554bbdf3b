import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../support/built-program.ts';
import { parseCef } from '../support/cef-parser.ts';
import { createAuthority } from '../support/certificates.ts';
import { runCli } from '../support/cli.ts';
import { graphSource, stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

/** Enough for memory that grows with the backlog to show. */
const alerts = 5_000;
/** Of the program as it is installed: run from its sources, Node's own compiler takes some 20 MB more. */
const mostBytes = 150 * 2 ** 20;
const peakReporter = new URL('../support/report-peak-memory.mjs', import.meta.url).href;

test('the installed program brings a first backlog of 5,000 alerts over TLS, each exactly once, in less than 150 MB', {
  timeout: 120_000,
}, async () => {
  const folder = testFolder();
  const authority = createAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  await using receiver = await SyslogReceiver.listen('octet-counting', authority.issue('127.0.0.1'));
  const program = buildProgram(folder);
  const simulator = await stillSimulator({
    historyAlerts: alerts,
    historySpanMs: 7 * 86_400_000,
    quotas: false,
  });
  const config = writeConfig(folder, simulator, {
    sources: [{ ...graphSource, since: '8d' }],
    sinks: [
      {
        name: 'siem',
        type: 'syslog',
        host: '127.0.0.1',
        port: receiver.port,
        transport: 'tls',
        format: 'cef',
        maxMessageBytes: '64KiB',
        tls: { ca: './ca.pem' },
      },
    ],
  });
  const peakFile = join(folder, 'peak');

  const { code, stdout, stderr } = await runCli(['once', '--config', config, '--json'], {
    program,
    node: ['--import', peakReporter],
    env: { PEAK_MEMORY_FILE: peakFile },
  });

  // The simulator's clock stands still, the machine's goes on: whether that is told is a matter of its speed.
  const amiss = stderr.split('\n').filter((line) => line !== '' && !line.includes('"apiAheadSeconds"'));
  expect({ code, amiss }).toEqual({ code: 0, amiss: [] });
  expect(JSON.parse(stdout)).toMatchObject({ drained: true, sources: { alerts: { accepted: alerts } } });
  const published = simulator.control.published()['graph-alert'];
  const arrived = receiver.messages.map((message) => identityOf(message));
  expect(arrived.length).toBe(alerts);
  expect(arrived.toSorted()).toEqual(published.map(({ id, version }) => `${id} ${version}`).toSorted());
  expect(Number(readFileSync(peakFile, 'utf8'))).toBeLessThan(mostBytes);
});

function identityOf(message: Buffer): string {
  const { extension } = parseCef(parse5424(message).text);
  const id = extension.get('MSDefenderAlertId') ?? extension.get('externalId');
  return `${id} ${extension.get('MSDefenderVersion')}`;
}
