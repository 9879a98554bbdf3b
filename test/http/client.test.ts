import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../src/http/client.ts';
import { ConnectionError } from '../../src/http/connection-error.ts';
import { createAuthority } from '../support/certificates.ts';
import { serveHttp, serveHttps, serveProxy, testRoot } from '../support/https-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'http-client-'));
const ca = join(folder, 'root.pem');
writeFileSync(ca, testRoot.cert);
const signal = new AbortController().signal;
const clients: HttpClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    tls: { ca, verify: true },
    timeoutMs: 10_000,
    maxResponseBytes: 100_000,
    userAgent: 'defender-siem/0.0.0',
    ...options,
  });
  clients.push(made);
  return made;
}

async function failureOf(promise: Promise<unknown>): Promise<ConnectionError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error(`expected a ConnectionError, got ${String(error)}`);
}

describe('an exchange', () => {
  test('keeps its connection for the next, over TLS and in the clear', async () => {
    await using secure = await serveHttps((_request, response) => response.end('{}'));
    await using plain = await serveHttp((_request, response) => response.end('{}'));
    const http = client();
    for (const { origin } of [secure, plain, secure, plain]) {
      expect((await http.request({ method: 'GET', url: origin }, signal)).status).toBe(200);
    }
    expect([secure.connections(), plain.connections()]).toEqual([1, 1]);
  });

  test('takes gzip, names the product, and hands back status and headers whatever they are', async () => {
    await using server = await serveHttps((request, response) => {
      response.writeHead(503, { 'Content-Encoding': 'gzip', 'X-Two': ['a', 'b'] });
      const { 'user-agent': agent, 'accept-encoding': encodings } = request.headers;
      response.end(gzipSync(JSON.stringify({ agent, encodings, text: 'naïve 𝄞' })));
    });
    const answer = await client().request({ method: 'GET', url: server.origin }, signal);
    expect(answer.status).toBe(503);
    expect(answer.headers['x-two']).toBe('a, b');
    expect(JSON.parse(answer.body)).toMatchObject({
      agent: 'defender-siem/0.0.0',
      encodings: expect.stringContaining('gzip'),
      text: 'naïve 𝄞',
    });
  });

  test('does not follow a redirect: a token must not', async () => {
    await using server = await serveHttps((_request, response) => {
      response.writeHead(302, { Location: 'https://127.0.0.1:1/' }).end();
    });
    const answer = await client().request({ method: 'GET', url: server.origin }, signal);
    expect([answer.status, answer.headers.location]).toEqual([302, 'https://127.0.0.1:1/']);
  });

  test('ends with the reason of its signal', async () => {
    await using server = await serveHttps(() => undefined);
    const stop = new AbortController();
    const answer = client().request({ method: 'GET', url: server.origin }, stop.signal);
    const refused = expect(answer).rejects.toThrow('shutting down');
    stop.abort(new Error('shutting down'));
    await refused;
  });
});

describe('no answer is told in plain words', () => {
  test('a root that is not trusted names the option', async () => {
    await using server = await serveHttps((_request, response) => response.end('{}'));
    const failure = await failureOf(
      client({ tls: undefined }).request({ method: 'GET', url: server.origin }, signal),
    );
    expect(failure.failure).toBe('certificate');
    expect(failure.message).toContain('`tls.ca`');
  });

  test('an expired certificate', async () => {
    const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
    await using server = await serveHttps(
      (_request, response) => response.end('{}'),
      testRoot.issue('127.0.0.1', ['127.0.0.1'], past),
    );
    const failure = await failureOf(client().request({ method: 'GET', url: server.origin }, signal));
    expect(failure.message).toContain('certificate has expired');
  });

  test('a certificate for another host', async () => {
    await using server = await serveHttps(
      (_request, response) => response.end('{}'),
      testRoot.issue('elsewhere.test', ['elsewhere.test']),
    );
    const failure = await failureOf(client().request({ method: 'GET', url: server.origin }, signal));
    expect(failure.message).toContain('another host name');
  });

  test('a port on which nothing listens', async () => {
    const server = await serveHttp(() => undefined);
    await server[Symbol.asyncDispose]();
    const failure = await failureOf(client().request({ method: 'GET', url: server.origin }, signal));
    expect([failure.failure, failure.message]).toEqual(['refused', expect.stringContaining('refused')]);
  });

  test('a port that speaks no TLS', async () => {
    await using server = await serveHttp((_request, response) => response.end('{}'));
    const url = server.origin.replace('http:', 'https:');
    const failure = await failureOf(client().request({ method: 'GET', url }, signal));
    expect(failure.failure).toBe('tls');
  });

  test.each([
    ['a connection that is reset before the answer', ''],
    ['an answer that is cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"value":['],
    ['a chunked answer that is cut short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"val'],
  ])('%s', async (_case, text) => {
    const server: Server = createServer((socket) => {
      socket.once('data', () => socket.write(text, () => socket.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const url = `http://127.0.0.1:${port}/`;
    const failure = await failureOf(client().request({ method: 'GET', url }, signal));
    expect(failure.failure).toBe('reset');
    server.close();
  });

  test('an answer that trickles longer than the timeout', async () => {
    await using server = await serveHttps((_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const failure = await failureOf(
      client({ timeoutMs: 150 }).request({ method: 'GET', url: server.origin }, signal),
    );
    expect([failure.failure, failure.message]).toEqual(['timeout', expect.stringContaining('150 ms')]);
  });

  test('an answer larger than is taken, counted after decompression', async () => {
    await using server = await serveHttps((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000)));
    });
    const failure = await failureOf(client().request({ method: 'GET', url: server.origin }, signal));
    expect([failure.failure, failure.message]).toEqual([
      'too-large',
      expect.stringContaining('100000 bytes'),
    ]);
  });

  test('holds neither the token of the request nor a credential of the URL, however deep one looks', async () => {
    const server = await serveHttp(() => undefined);
    await server[Symbol.asyncDispose]();
    const url = `${server.origin}/path?sig=hidden-signature&$top=5`;
    const headers = { Authorization: 'Bearer hidden-token' };
    const failure = await failureOf(client().request({ method: 'GET', url, headers }, signal));
    const seen = new Set<unknown>();
    const everything = JSON.stringify(
      [failure.message, failure.stack, failure.cause, String(failure.cause)],
      (_key, value: unknown) => {
        if (typeof value !== 'object' || value === null || !seen.has(value)) {
          seen.add(value);
          return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value;
        }
        return undefined;
      },
    );
    expect(everything.includes('hidden')).toBe(false);
    expect(failure.message).toContain('$top=5');
  });
});

describe('a client certificate', () => {
  const cert = join(folder, 'client.pem');
  const key = join(folder, 'client.key');
  const first = testRoot.issue('first');
  const second = testRoot.issue('second');

  test('is used by the next exchange once both its files were replaced, and not before', async () => {
    await using server = await serveHttps(
      (request, response) => {
        const socket = request.socket as TLSSocket;
        response.end(JSON.stringify(socket.getPeerCertificate().subject.CN));
      },
      undefined,
      testRoot.cert,
    );
    writeFileSync(cert, first.cert);
    writeFileSync(key, first.key);
    const http = client({ tls: { ca, cert, key, verify: true } });
    const name = async () => (await http.request({ method: 'GET', url: server.origin }, signal)).body;
    expect(await name()).toBe('"first"');
    writeFileSync(cert, second.cert);
    utimesSync(cert, 1, 1);
    expect(await name()).toBe('"first"');
    writeFileSync(key, second.key);
    utimesSync(key, 1, 1);
    expect(await name()).toBe('"second"');
    expect(await name()).toBe('"second"');
    expect(server.connections()).toBe(2);
  });
});

describe('through a proxy', () => {
  test('https goes in one tunnel that is kept, with the private root trusted at its far end', async () => {
    await using server = await serveHttps((_request, response) => response.end('{"a":1}'));
    await using proxy = await serveProxy();
    const http = client({ proxy: proxy.origin });
    for (let i = 0; i < 3; i++) {
      expect((await http.request({ method: 'GET', url: server.origin }, signal)).body).toBe('{"a":1}');
    }
    expect(proxy.connects).toEqual([`127.0.0.1:${server.port}`]);
  });

  test('plain http goes in a tunnel too, but not what is on this machine', async () => {
    await using server = await serveHttp((_request, response) => response.end('{}'));
    await using proxy = await serveProxy();
    const http = client({ proxy: proxy.origin });
    const far = `http://siem.test:${server.port}/`;
    expect((await http.request({ method: 'GET', url: far }, signal)).status).toBe(200);
    expect((await http.request({ method: 'GET', url: server.origin }, signal)).status).toBe(200);
    expect(proxy.connects).toEqual([`siem.test:${server.port}`]);
  });

  test('the certificate at the far end is still verified: its root and its name', async () => {
    const foreign = createAuthority('Foreign Root').issue('127.0.0.1');
    await using untrusted = await serveHttps((_request, response) => response.end('{}'), foreign);
    await using misnamed = await serveHttps(
      (_request, response) => response.end('{}'),
      testRoot.issue('localhost', ['localhost']),
    );
    await using proxy = await serveProxy();
    const http = client({ proxy: proxy.origin });
    for (const { origin } of [untrusted, misnamed]) {
      const failure = await failureOf(http.request({ method: 'GET', url: origin }, signal));
      expect(failure.failure).toBe('certificate');
    }
  });

  test.each([
    [407, 'user and a password'],
    [403, 'allow this host'],
    [502, 'allow this host'],
  ])('a refusal of the proxy (%i) is not taken for an answer of the far end', async (status, advice) => {
    await using proxy = await serveProxy(status);
    const http = client({ proxy: proxy.origin });
    const failure = await failureOf(http.request({ method: 'GET', url: 'https://graph.test/v1.0' }, signal));
    expect([failure.failure, failure.message]).toEqual(['proxy', expect.stringContaining(advice)]);
    expect(failure.message).toContain(`status ${status}`);
  });
});
