import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions as ServerOptions } from 'node:tls';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { TlsOptions } from '../../src/fields/tls.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Peer } from '../../src/sinks/peer.ts';
import { type Reach, type ReachOptions, reach } from '../../src/sinks/reach.ts';
import { type Certificate, createAuthority, createSelfSigned } from '../support/certificates.ts';
import { HeldClock } from '../support/held-clock.ts';
import { serveProxy } from '../support/https-server.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'reach-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dayMs = 86_400_000;
const authority = createAuthority('Corp Root');
const good = authority.issue('siem.example', ['siem.example', 'localhost', '127.0.0.1']);
const ca = file('ca.pem', authority.cert);
const otherRoot = createAuthority('Other Root');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function filesOf(name: string, { cert, key }: Certificate) {
  return { cert: file(`${name}.pem`, cert), key: file(`${name}.key`, key) };
}

/** Starts a receiver, over TLS where it is given something to show, and returns its port. */
async function receiver(tls?: ServerOptions): Promise<number> {
  const server = await SyslogReceiver.listen('octet-counting', tls);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.port;
}

function overTls(port: number, tls: Partial<TlsOptions> = { ca }, host = '127.0.0.1'): Peer {
  return { host, port, transport: 'tcp', tls: { verify: true, ...tls }, proxy: undefined };
}

function plain(port: number, host = '127.0.0.1'): Peer {
  return { host, port, transport: 'tcp', tls: undefined, proxy: undefined };
}

/** Time stands still at the host's own, since OpenSSL looks at that; waits up to `passMs` pass at once. */
function clockNow(passMs = 0): Clock {
  return new HeldClock((ms) => ms <= passMs, Date.now());
}

function go(peer: Peer, options: Partial<ReachOptions> = {}): Promise<Reach> {
  return reach(peer, { clock: clockNow(2_000), signal: never, ...options });
}

function secured({ tls }: Reach) {
  if (tls?.state !== 'done') throw new Error(`no TLS: ${JSON.stringify(tls)}`);
  return tls;
}

function trouble(step: Reach['name'] | Reach['connection'] | Reach['tls'] | Reach['tunnel']) {
  return step?.state === 'failed' ? step.trouble : undefined;
}

test('a receiver whose private root is named: each step, the version, and the chain up to the root', async () => {
  const port = await receiver(good);
  const found = await go(overTls(port));
  expect(found).toMatchObject({
    name: { state: 'done', v4: ['127.0.0.1'], v6: [] },
    connection: { state: 'done', address: `127.0.0.1:${port}` },
    tunnel: undefined,
  });
  expect(secured(found)).toMatchObject({
    version: 'TLSv1.3',
    certificates: [
      { subject: 'siem.example', issuer: 'Corp Root', selfSigned: false },
      { subject: 'Corp Root', issuer: 'Corp Root', selfSigned: true },
    ],
    troubles: [],
  });
});

test('a name is resolved to all its addresses, of both families', async () => {
  const port = await receiver();
  const found = await go(plain(port, 'siem.example'), {
    lookup: async () => [
      { address: '2001:db8::7', family: 6 },
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
    connect: () => new Socket().connect(port, '127.0.0.1'),
  });
  expect(found).toEqual({
    name: { state: 'done', v4: ['127.0.0.1'], v6: ['2001:db8::7'] },
    connection: { state: 'done', address: `127.0.0.1:${port}`, ms: 0 },
    tunnel: undefined,
    tls: undefined,
  });
});

test('an untrusted root is named, and what tls.ca holds in its place', async () => {
  const port = await receiver(good);
  expect(secured(await go(overTls(port, {}))).troubles).toMatchObject([
    { kind: 'untrusted', finding: expect.stringContaining('“siem.example” was issued by “Corp Root”') },
  ]);
  const other = file('other.pem', otherRoot.cert);
  const chained = await receiver({ ...good, cert: good.cert + authority.cert });
  expect(secured(await go(overTls(chained, { ca: other }))).troubles).toEqual([
    {
      kind: 'untrusted',
      finding: 'the root “Corp Root” is not trusted; the file of `tls.ca` holds “Other Root”',
      advice: 'Put the root “Corp Root” (PEM) into the file of `tls.ca`.',
    },
  ]);
});

test('a self-signed certificate', async () => {
  const own = createSelfSigned('siem.example', ['siem.example']);
  const found = secured(await go(overTls(await receiver(own), {}, 'localhost')));
  expect(found.troubles.map(({ kind }) => kind)).toEqual(['self-signed', 'wrong-name']);
  expect(found.certificates).toHaveLength(1);
});

test('an expired certificate: the day, and no doubt of its root', async () => {
  const notAfter = new Date(Date.now() - 3 * dayMs);
  const names = ['127.0.0.1'];
  const old = authority.issue('siem.example', names, { notBefore: new Date(0), notAfter });
  const found = secured(await go(overTls(await receiver(old))));
  expect(found.troubles).toMatchObject([
    {
      kind: 'expired',
      finding: `the server’s certificate “siem.example” has expired on ${notAfter.toISOString().slice(0, 10)}`,
    },
  ]);
  const chained = await receiver({ ...old, cert: old.cert + authority.cert });
  const untrusted = secured(await go(overTls(chained, {})));
  expect(untrusted.troubles.map(({ kind }) => kind)).toEqual(['untrusted', 'expired']);
});

test('a certificate that is not valid yet', async () => {
  const notBefore = new Date(Date.now() + dayMs);
  const notAfter = new Date(Date.now() + 9 * dayMs);
  const early = authority.issue('siem.example', ['127.0.0.1'], { notBefore, notAfter });
  const found = secured(await go(overTls(await receiver(early))));
  expect(found.troubles).toMatchObject([
    { kind: 'not-yet-valid', finding: expect.stringContaining(notBefore.toISOString().slice(0, 10)) },
  ]);
});

test('a certificate for another name: both names', async () => {
  const port = await receiver(authority.issue('inner', ['inner.example', '10.0.0.9']));
  expect(secured(await go(overTls(port))).troubles).toMatchObject([
    { kind: 'wrong-name', finding: 'the certificate is for inner.example, 10.0.0.9, not for 127.0.0.1' },
  ]);
  expect(secured(await go(overTls(port, { ca, serverName: 'inner.example' }))).troubles).toEqual([]);
  const wrong = secured(await go(overTls(port, { ca, serverName: 'outer.example' })));
  expect(wrong.troubles).toMatchObject([{ advice: expect.stringContaining('Correct `tls.serverName`') }]);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a client certificate is demanded, over %s', async (version) => {
  const mutual = {
    ...good,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: version,
    minVersion: version,
  };
  const port = await receiver(mutual);
  // The refusal comes by itself: no wait is to pass.
  const without = await go(overTls(port), { clock: clockNow() });
  expect(trouble(without.tls)).toMatchObject({
    kind: 'client-certificate',
    advice: 'Name a client certificate and its key in `tls.cert` and `tls.key`.',
  });
  const stranger = filesOf('stranger', otherRoot.issue('connector'));
  const refused = await go(overTls(port, { ca, ...stranger }), { clock: clockNow() });
  expect(trouble(refused.tls)).toMatchObject({
    kind: 'client-certificate',
    finding: expect.stringContaining('refuses the client certificate'),
  });
  const own = filesOf('connector', authority.issue('connector'));
  expect(secured(await go(overTls(port, { ca, ...own }))).troubles).toEqual([]);
});

test('a plain port where TLS is expected: whether it answers, hangs up, or is silent', async () => {
  const speaker = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('220 mail.example ESMTP\r\n');
  });
  const quitter = createServer((socket) => socket.end());
  for (const server of [speaker, quitter]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const found = await go(overTls((server.address() as AddressInfo).port), { clock: clockNow() });
    expect(trouble(found.tls)).toMatchObject({ kind: 'no-tls', advice: expect.stringContaining('port') });
  }
  const silent = await receiver();
  const found = await go(overTls(silent), { clock: new OnlyTls() });
  expect(trouble(found.tls)).toMatchObject({
    kind: 'no-tls',
    finding: `127.0.0.1:${silent} has not answered the TLS handshake within 5 s`,
  });
});

/** Lets the time of the third step run out: name and connection come in time. */
class OnlyTls extends HeldClock {
  #waits = 0;

  constructor() {
    super(() => ++this.#waits > 1, Date.now());
  }
}

test('a port at which nobody listens', async () => {
  const server = await SyslogReceiver.listen();
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const found = await go(overTls(port), { clock: clockNow() });
  expect(trouble(found.connection)).toMatchObject({
    kind: 'refused',
    finding: expect.stringContaining(`127.0.0.1:${port} refused`),
  });
  expect(found.tls).toEqual({ state: 'not-tried' });
});

test('a host that drops all packets costs the time of one step', async () => {
  const found = await go(overTls(6514, { ca }, '192.0.2.1'), {
    clock: clockNow(5_000),
    connect: () => new Socket(),
  });
  expect(found).toMatchObject({
    name: { state: 'done' },
    connection: {
      state: 'failed',
      trouble: {
        kind: 'timeout',
        finding:
          '192.0.2.1:6514 has not answered within 5 s: a firewall drops the packets, or the host is down',
      },
    },
    tls: { state: 'not-tried' },
  });
});

test('a name that does not exist, and a resolver that is silent', async () => {
  const unknown = await go(overTls(6514, { ca }, 'siem.invalid'), { clock: clockNow() });
  expect(['name-not-found', 'name-unanswered']).toContain(trouble(unknown.name)?.kind);
  expect(unknown).toMatchObject({ connection: { state: 'not-tried' }, tls: { state: 'not-tried' } });
  const missing = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  const found = await go(plain(514, 'siem.example'), { lookup: () => Promise.reject(missing) });
  expect(trouble(found.name)).toEqual({
    kind: 'name-not-found',
    finding: 'the name siem.example does not exist in DNS',
    advice: 'Correct the name, or add it to the DNS that this host asks.',
  });
  const lookup = () => new Promise<never>(() => {});
  const silent = await go(plain(514, 'siem.example'), { clock: clockNow(5_000), lookup });
  expect(trouble(silent.name)?.kind).toBe('name-unanswered');
});

test('of a receiver of datagrams only the name can be found out', async () => {
  const peer: Peer = { ...plain(514), transport: 'udp' };
  expect(await go(peer)).toEqual({
    name: { state: 'done', v4: ['127.0.0.1'], v6: [] },
    connection: undefined,
    tunnel: undefined,
    tls: undefined,
  });
});

test('through a proxy: the proxy looks the name up, and the far end shows its certificate', async () => {
  await using proxy = await serveProxy();
  const port = await receiver(good);
  const found = await go({ ...overTls(port, { ca }, 'siem.example'), proxy: proxy.origin });
  expect(found).toMatchObject({
    connection: { state: 'done', address: `127.0.0.1:${proxy.port}` },
    tunnel: { state: 'done' },
  });
  expect(secured(found).troubles).toEqual([]);
  expect(proxy.connects).toEqual([`siem.example:${port}`]);
});

test.each([
  [407, 'user:password@'],
  [403, 'Allow this host and port'],
])('a proxy that refuses with %d says what to do, and its password is nowhere', async (status, advice) => {
  await using proxy = await serveProxy(status);
  const url = proxy.origin.replace('//', '//someone:s3cret-of-proxy@');
  const found = await go({ ...overTls(6514, { ca }, 'siem.example'), proxy: url });
  expect(trouble(found.tunnel)).toMatchObject({ kind: 'proxy', advice: expect.stringContaining(advice) });
  expect(found.tls).toEqual({ state: 'not-tried' });
  expect(JSON.stringify(found)).not.toContain('s3cret-of-proxy');
});

test('a file of TLS that is gone is named', async () => {
  const port = await receiver(good);
  const found = await go(overTls(port, { ca: join(folder, 'gone.pem') }));
  expect(trouble(found.tls)).toMatchObject({ kind: 'files', finding: expect.stringContaining('gone.pem') });
});

test('files of TLS that are no PEM, or do not belong together, are named', async () => {
  const port = await receiver(good);
  const own = filesOf('own', authority.issue('own'));
  const other = filesOf('other-key', authority.issue('other'));
  const garbage = file('garbage.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  for (const tls of [
    { ca, cert: own.cert, key: other.key },
    { ca, cert: garbage, key: own.key },
    { ca: garbage },
  ]) {
    const found = await go(overTls(port, tls));
    expect(trouble(found.tls)).toMatchObject({
      kind: 'files',
      finding: expect.stringContaining(Object.values(tls).at(-1) ?? ''),
      advice: expect.stringContaining('PEM'),
    });
  }
});

test('whoever stops it is heard at once', async () => {
  const stop = new AbortController();
  const going = go(overTls(6514, { ca }, '192.0.2.1'), {
    clock: clockNow(),
    signal: stop.signal,
    connect: () => {
      queueMicrotask(() => stop.abort(new Error('stopped')));
      return new Socket();
    },
  });
  await expect(going).rejects.toThrow('stopped');
});
