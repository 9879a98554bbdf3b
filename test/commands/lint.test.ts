import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pcap, udpPacket } from '../support/capture-writer.ts';
import { runInProcess } from '../support/in-process.ts';

const good = '<134>1 2026-11-03T08:26:10.123Z h defender-siem - alert - CEF:0|V|P|1|id|Name|5|act=x';
const bad = 'CEF:0|V|P|1|id|Na\u001b[2Jme|11|cmd=a=b';

function lint(input: string | Buffer, ...args: string[]) {
  return runInProcess(['lint', ...args], {
    async *inputChunks() {
      yield Buffer.from(input);
    },
  });
}

test('good messages are counted by what they are, and nothing else is said', async () => {
  expect(await lint(`${good}\n${good}\n{"a":1}\n`)).toEqual({
    code: 0,
    stdout: '3 messages: 2 rfc5424 > cef, 1 json; 0 with errors, 0 with warnings\n',
    stderr: '',
  });
});

test('a finding names place, message, rule, and cannot write to the terminal', async () => {
  const { code, stdout } = await lint(`${good}\n${bad}\n`, '-');
  expect(code).toBe(2);
  expect(stdout.split('\n')).toEqual([
    'standard input, line 2 (cef)',
    String.raw`  | CEF:0|V|P|1|id|Na\x1b[2Jme|11|cmd=a=b`,
    expect.stringMatching(/^ {2}error: cef offset 17: U\+001B, .* \[CEF encoding\]$/),
    expect.stringMatching(/^ {2}error: cef Severity: '11' is none: .* \[CEF 0 header\]$/),
    expect.stringMatching(
      /^ {2}error: cef offset 32: an = in the value of 'cmd' is not escaped: .* \[CEF escaping\]$/,
    ),
    '2 messages: 1 rfc5424 > cef, 1 cef; 1 with errors, 0 with warnings',
    '',
  ]);
});

test('--json prints a finding a line, --quiet the summary alone', async () => {
  const { stdout, stderr } = await lint(`${bad}\n`, '--json');
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(findings).toHaveLength(3);
  expect(findings[1]).toMatchObject({
    where: 'standard input, line 1',
    languages: ['cef'],
    level: 'error',
    language: 'cef',
    at: 'Severity',
    rule: 'CEF 0 header',
  });
  expect(stdout).not.toContain('\u001b');
  expect(stderr).toBe('1 message: 1 cef; 1 with errors, 0 with warnings\n');
  expect((await lint(`${bad}\n`, '--quiet')).stdout).toBe(stderr);
});

test('warnings are no reason to fail', async () => {
  const tagless = '<134>Nov  3 08:26:10 h CEF:0|V|P|1|id|Name|5|act=x';
  expect(await lint(`${tagless}\n`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('0 with errors, 1 with warnings'),
  });
  const long = await lint(`${good}\n`, '--max-bytes', '50');
  expect(long).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/warning: has \d+ bytes, the receiver takes 50/),
  });
});

test('files and captures are read, packets named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  const lines = join(folder, 'lines.txt');
  const capture = join(folder, 'capture.pcap');
  writeFileSync(lines, `${good}\n`);
  writeFileSync(capture, pcap([udpPacket(good), udpPacket('dns'), udpPacket(`${good}\n`)]));
  const { code, stdout } = await lint('', lines, capture);
  expect(code).toBe(0);
  expect(stdout).toContain('capture.pcap, packet 3, 2026-11-03T08:26:12.500Z, 10.0.0.1:40000 → 10.0.0.2:514');
  expect(stdout).toContain(
    '3 messages: 3 rfc5424 > cef; 0 with errors, 1 with warnings\n1 datagrams or connections without messages were passed over',
  );
});

test.each([
  [['--as', 'cfe'], /--as cfe: the languages are .*; did you mean 'cef'\?/],
  [['--max-bytes', '0'], /--max-bytes 0: must be a whole number/],
  [['/nowhere/at/all'], /cannot read \/nowhere\/at\/all/],
])('%j is refused', async (args, message) => {
  expect(await lint('', ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
});

test('--as says what each must be, and nothing at all is said to be nothing', async () => {
  expect(await lint(`${good}\n`, '--as', 'leef')).toMatchObject({ code: 2 });
  expect(await lint(`${good}\n`, '--as', 'cef')).toMatchObject({ code: 0 });
  expect(await lint('')).toMatchObject({
    code: 2,
    stderr: 'defender-siem: no message was found, so nothing is known to be good\n',
  });
});
