import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { connectorProfiles, connectorSinkTypes } from '../../connectors/index.ts';
import { pcap, udpPacket } from '../support/capture-writer.ts';
import { runInProcess } from '../support/in-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const overview = readFileSync(join(root, 'connectors/README.md'), 'utf8');

test('the overview names every sink type and profile of a connector', () => {
  for (const { name } of connectorSinkTypes) expect(overview).toContain(`\`type: ${name}\``);
  const named = [...overview.matchAll(/`profile: ([a-z0-9-]+)`(?: or `([a-z0-9-]+)`)?/g)].flatMap(
    ([, ...names]) => names,
  );
  expect(new Set(named.filter((name) => name !== undefined))).toEqual(
    new Set(connectorProfiles.map(({ name }) => name)),
  );
});

test('what it shows of lint is what lint prints', async () => {
  const shown = [...overview.matchAll(/```text\n(.*?)```/gs)].map(([, text]) => text);
  const formatted = await runInProcess([
    'format',
    '--as',
    'cef',
    join(root, 'test/fixtures/graph-alerts-v2/alerts.demisto.ndjson'),
  ]);
  const message = '<134>Nov 03 08:26:10 fw CEF:0|Contoso|Firewall|1.0|100|Denied|High|src=10.0.0.1 msg=a=b';
  expect([await lint(formatted.stdout), await lint(pcap([udpPacket(message)]))]).toEqual(shown);
});

async function lint(input: Uint8Array | string): Promise<string> {
  const { stdout } = await runInProcess(['lint'], {
    async *inputChunks() {
      yield Buffer.from(input);
    },
  });
  return stdout.replace('standard input', 'capture.pcap');
}
