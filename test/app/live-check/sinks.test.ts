import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { LiveCheckOptions } from '../../../src/app/live-check/context.ts';
import type { Finding } from '../../../src/app/live-check/report.ts';
import { type Certificate, createAuthority } from '../../support/certificates.ts';
import { HeldClock } from '../../support/held-clock.ts';
import { HttpReceiver } from '../../support/http-receiver.ts';
import { serveProxy } from '../../support/https-server.ts';
import { SyslogReceiver } from '../../support/syslog-receiver.ts';
import { blackHole, sinkFindings } from './bench.ts';

const dayMs = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'live-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const authority = createAuthority('Corp Root');
const ca = file('ca.pem', authority.cert);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const issued = new Map<string, Certificate>();

/** Keys take their time to be made: the same are handed out again. */
function valid(daysLeft: number, names = ['127.0.0.1']): Certificate {
  const key = `${daysLeft} ${names}`;
  const known = issued.get(key) ?? issue(daysLeft, names);
  issued.set(key, known);
  return known;
}

function issue(daysLeft: number, names: readonly string[]): Certificate {
  const notAfter = new Date(Date.now() + (daysLeft + 0.5) * dayMs);
  return authority.issue('siem', names, { notBefore: new Date(Date.now() - 365 * dayMs), notAfter });
}

async function receiver(tls?: TlsOptions): Promise<number> {
  const server = await SyslogReceiver.listen('octet-counting', tls);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.port;
}

const syslog = { name: 'siem', type: 'syslog', host: '127.0.0.1' } as const;

/** Returns what is found about one sink: `result key: finding`. */
async function rows(sink: object, options: Partial<LiveCheckOptions> = {}): Promise<readonly string[]> {
  return (await findings(sink, options)).map(
    ({ id, result, finding }) => `${result} ${id.replace('sink.siem.', '')}: ${finding}`,
  );
}

async function findings(sink: object, options: Partial<LiveCheckOptions> = {}): Promise<readonly Finding[]> {
  return [...(await sinkFindings([{ ...sink }], options)).values()];
}

test('over mutual TLS: every certificate with its end, ours too', async () => {
  const port = await receiver({
    ...valid(200),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const own = valid(90, ['connector']);
  const tls = { ca, cert: file('own.pem', own.cert), key: file('own.key', own.key) };
  expect(await rows({ ...syslog, port, tls })).toEqual([
    'ok name: 127.0.0.1 is an address',
    expect.stringMatching(new RegExp(`^ok connection: 127\\.0\\.0\\.1:${port} in 0 ms$`)),
    'ok tls: TLSv1.3, trusted through “Corp Root”',
    expect.stringMatching(/^ok certificate: “siem” by “Corp Root”, ends \S+ \(200 d left\)$/),
    expect.stringMatching(/^ok certificate\.1: “Corp Root” signed by itself, ends/),
    expect.stringMatching(/^ok client-certificate: “siem” by “Corp Root”, ends \S+ \(90 d left\)$/),
    'ok opened: ready for events',
  ]);
});

test('a client certificate that has ended, or is no certificate', async () => {
  const port = await receiver(valid(200));
  const old = valid(-4);
  const tls = { ca, cert: file('old.pem', old.cert), key: file('old.key', old.key) };
  const ended = await findings({ ...syslog, port, tls });
  expect(ended.find(({ id }) => id === 'sink.siem.client-certificate')).toMatchObject({
    result: 'failed',
    finding: expect.stringMatching(/ended \S+ \(3 d ago\)$/),
    advice: expect.stringContaining('old.pem'),
  });
  expect(ended.at(-1)).toMatchObject({ result: 'not-tried', finding: 'needs: client certificate' });
});

test('a client certificate that the receiver wants, and does not get', async () => {
  const port = await receiver({
    ...valid(200),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  // The refusal comes by itself: no wait is to pass.
  const clock = new HeldClock(() => false, Date.now());
  const found = await findings({ ...syslog, port, tls: { ca } }, { clock });
  expect(found.slice(2)).toMatchObject([
    {
      id: 'sink.siem.tls',
      result: 'failed',
      finding: expect.stringContaining('demands a client certificate'),
      advice: 'Name a client certificate and its key in `tls.cert` and `tls.key`.',
      code: 'SINK_UNREACHABLE',
    },
    { id: 'sink.siem.opened', result: 'not-tried', finding: 'needs: TLS' },
  ]);
});

test('each thing that is wrong with a certificate has a line and a remedy', async () => {
  const port = await receiver(valid(-4, ['inner.example']));
  const found = await findings({ ...syslog, port, tls: { ca } });
  expect(found.slice(2)).toMatchObject([
    { id: 'sink.siem.tls', result: 'failed', finding: expect.stringContaining('“siem” has expired on') },
    {
      id: 'sink.siem.tls.wrong-name',
      result: 'failed',
      finding: 'the certificate is for inner.example, not for 127.0.0.1',
      advice: expect.stringContaining('`tls.serverName`'),
    },
    { id: 'sink.siem.certificate', result: 'failed', finding: expect.stringContaining('ended') },
    { id: 'sink.siem.certificate.1', result: 'ok' },
    { id: 'sink.siem.opened', result: 'not-tried' },
  ]);
});

test('a certificate that ends soon is worth a word; a short-lived one only in its last third', async () => {
  const soon = await findings({ ...syslog, port: await receiver(valid(12)), tls: { ca } });
  expect(soon.find(({ id }) => id === 'sink.siem.certificate')).toMatchObject({
    result: 'warning',
    finding: expect.stringContaining('12 d left'),
    advice: expect.stringContaining('renewed'),
  });
  expect(soon.at(-1)?.result).toBe('ok');
  const week = authority.issue('siem', ['127.0.0.1'], {
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 5 * dayMs),
  });
  const short = await findings({ ...syslog, port: await receiver(week), tls: { ca } });
  expect(short.find(({ id }) => id === 'sink.siem.certificate')?.result).toBe('ok');
});

test('where the configuration verifies nothing, what is wrong is a warning, and the sink is opened', async () => {
  const port = await receiver(valid(200, ['inner.example']));
  const found = await findings({ ...syslog, port, tls: { verify: false } });
  expect(found.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(found.find(({ id }) => id === 'sink.siem.tls')).toMatchObject({
    result: 'warning',
    finding: expect.stringMatching(/^TLSv1\.3, not verified: .*“Corp Root”/),
    advice: expect.stringMatching(/and leave out `tls\.verify: false`\.$/),
  });
  expect(found.at(-1)).toMatchObject({ id: 'sink.siem.opened', result: 'ok' });
});

test('a receiver without TLS, one of datagrams, and a file have no more than they have', async () => {
  const port = await receiver();
  expect(await rows({ ...syslog, port, transport: 'tcp' })).toEqual([
    'ok name: 127.0.0.1 is an address',
    `ok connection: 127.0.0.1:${port} in 0 ms`,
    'ok opened: ready for events',
  ]);
  const lookup = async () => [
    { address: '192.0.2.7', family: 4 },
    { address: '2001:db8::7', family: 6 },
  ];
  const udp = { ...syslog, host: 'siem.example', transport: 'udp' };
  const [name] = await rows(udp, { network: { lookup } });
  expect(name).toBe('ok name: siem.example  A 192.0.2.7  AAAA 2001:db8::7');
  expect(await rows({ name: 'siem', type: 'file', path: './x' })).toEqual(['ok opened: ready for events']);
});

test('over HTTP: through a proxy, and with credentials that are refused; none of them is shown', async () => {
  await using http = await HttpReceiver.listen();
  await using proxy = await serveProxy();
  http.answer = () => ({ status: 401, body: 'who are you? s3cret-token' });
  const url = http.url.replace('127.0.0.1', 'siem.example');
  const auth = { bearer: 's3cret-token' };
  const sink = { name: 'siem', type: 'http', url, auth, proxy: proxy.origin.replace('//', '//me:s3cret@') };
  const found = await findings(sink);
  expect(found).toMatchObject([
    { id: 'sink.siem.name', result: 'ok' },
    { id: 'sink.siem.connection', result: 'ok', finding: `127.0.0.1:${proxy.port} in 0 ms` },
    {
      id: 'sink.siem.proxy',
      result: 'ok',
      finding: expect.stringContaining('opened the way to siem.example:'),
    },
    {
      id: 'sink.siem.opened',
      result: 'failed',
      code: 'SINK_REFUSED',
      finding: expect.stringContaining('401'),
    },
  ]);
  expect(found.at(-1)?.advice).toMatch(/^[A-Z].*\.$/);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

test('a receiver that takes the connection for plain text, where TLS was meant', async () => {
  await using http = await HttpReceiver.listen();
  const url = http.url.replace('http:', 'https:');
  const found = await findings({ name: 'siem', type: 'splunk-hec', url, token: 't' });
  expect(found.at(-2)).toMatchObject({
    id: 'sink.siem.tls',
    result: 'failed',
    finding: expect.stringContaining('does not speak TLS'),
  });
  expect(found.at(-1)).toMatchObject({ id: 'sink.siem.opened', result: 'not-tried' });
});

test('a file of TLS that is gone is the sink’s own finding', async () => {
  const path = file('gone-soon.pem', authority.cert);
  const port = await receiver(valid(200));
  const gone = { ...syslog, port, tls: { ca: path } };
  const connect = (host: string, at: number) => {
    rmSync(path, { force: true });
    return new Socket().connect(at, host);
  };
  const found = await findings(gone, { network: { connect } });
  expect(found[2]).toMatchObject({
    id: 'sink.siem.tls',
    result: 'failed',
    finding: expect.stringContaining('gone-soon.pem'),
  });
});

test('two receivers in a black hole are told beside a good one, in the order of the configuration', async () => {
  const port = await receiver();
  const hole = { type: 'syslog', host: '192.0.2.1', transport: 'tcp' };
  const sinks = [
    { name: 'one', ...hole },
    { name: 'two', ...hole },
    { ...syslog, port, transport: 'tcp' },
  ];
  const found = await sinkFindings(sinks, blackHole('192.0.2.1'));
  expect([...found.values()].map(({ id, result }) => `${result} ${id}`)).toEqual([
    'ok sink.one.name',
    'failed sink.one.connection',
    'not-tried sink.one.opened',
    'ok sink.two.name',
    'failed sink.two.connection',
    'not-tried sink.two.opened',
    'ok sink.siem.name',
    'ok sink.siem.connection',
    'ok sink.siem.opened',
  ]);
});
