import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type Admin, type AdminOptions, startAdmin } from '../../src/admin/server.ts';
import { ConnectorError } from '../../src/errors.ts';
import type { Log, LogFields } from '../../src/runtime/log.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { aHealth, aSink, aSource, someTelemetry } from './a-health.ts';
import { parseExposition } from './exposition.ts';

const running: Admin[] = [];

afterEach(async () => {
  for (const admin of running.splice(0)) await admin.close();
});

/** Starts a server on a free port of the loopback address. */
async function start(changes: Partial<AdminOptions> = {}) {
  const lines: [level: string, fields: LogFields, message: string][] = [];
  const write = (level: string) => (fields: LogFields, message: string) => {
    lines.push([level, fields, message]);
  };
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const admin = await startAdmin({
    listen: { host: '127.0.0.1', port: 0 },
    telemetry: someTelemetry(),
    health: async () => aHealth(),
    storeBytes: async () => 65_536,
    clock: { now: () => Date.parse('2026-11-03T08:26:10Z') },
    log,
    ...changes,
  });
  running.push(admin);
  return { admin, lines, port: admin.port };
}

/** Asks for a path, and resolves with the whole answer. */
async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) {
  const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Sends these bytes, and resolves with all that comes back before the server closes the connection. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

const ill = aHealth({ sinks: [aSink({ healthy: false, problem: 'connect ECONNREFUSED' })] });
const noStore = async () => {
  throw new ConnectorError('STORE_UNUSABLE', 'store state.db: the disk is full');
};

describe('each path', () => {
  test('/livez answers whatever the store says', async () => {
    const { port } = await start({ health: noStore });
    expect(await ask(port, '/livez')).toMatchObject({ status: 200, body: 'alive\n' });
  });

  test('/readyz is 200 once each source has run, though one may fail', async () => {
    const { port } = await start({ health: async () => ill });
    expect(await ask(port, '/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
  });

  test('/readyz is 503 before, and names what it waits for', async () => {
    const health = async () => aHealth({ sources: [aSource({ lastSuccess: undefined })] });
    const { port } = await start({ health, telemetry: new Telemetry() });
    expect(await ask(port, '/readyz')).toMatchObject({
      status: 503,
      body: 'not ready: not yet read for the first time: alerts\n',
    });
  });

  test('/readyz is 503 while the store does not answer, and says why', async () => {
    const { port } = await start({ health: noStore });
    const { status, body, headers } = await ask(port, '/readyz');
    expect([status, body]).toEqual([503, 'not ready: store state.db: the disk is full\n']);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test.each([
    ['200 when all is well', aHealth(), 200],
    ['503 when something is not', ill, 503],
  ])('/status is what `status --json` prints, with %s', async (_case, health, status) => {
    const { port } = await start({ health: async () => health });
    const answer = await ask(port, '/status');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/json; charset=utf-8',
    ]);
    expect(answer.body).toBe(`${JSON.stringify(health)}\n`);
  });

  test('/status is JSON also when the store does not answer', async () => {
    const { port } = await start({ health: noStore });
    const { status, body } = await ask(port, '/status');
    expect([status, JSON.parse(body)]).toEqual([
      503,
      { healthy: false, problem: 'store state.db: the disk is full' },
    ]);
  });

  test('/metrics is an exposition of format 0.0.4', async () => {
    const { port } = await start();
    const { status, headers, body } = await ask(port, '/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const families = parseExposition(body);
    expect(families.get('defender_siem_store_bytes')?.samples).toEqual([{ labels: {}, value: 65_536 }]);
    expect(families.get('process_resident_memory_bytes')?.samples[0]?.value).toBeGreaterThan(2 ** 20);
    const startedAtMs = (families.get('process_start_time_seconds')?.samples[0]?.value ?? 0) * 1000;
    expect(startedAtMs).toBeCloseTo(performance.timeOrigin, 0);
  });

  test('/metrics is told also when the store does not answer', async () => {
    const { port } = await start({ health: noStore, storeBytes: noStore });
    const { status, body } = await ask(port, '/metrics');
    expect(status).toBe(200);
    expect(parseExposition(body).get('defender_siem_store_up')?.samples[0]?.value).toBe(0);
  });

  test.each([
    ['all is well', async () => aHealth(), 200, 'Healthy'],
    ['something is not', async () => ill, 200, 'Not healthy: 1 of 4 not OK'],
    ['the store does not answer', noStore, 503, 'the disk is full'],
  ])('/ is the status page when %s', async (_case, health, status, words) => {
    const { port } = await start({ health });
    const answer = await ask(port, '/');
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(answer.body).toContain(words);
    expect(answer.headers['content-security-policy']).toMatch(
      /script-src 'sha256-[^']+'; style-src 'sha256-/,
    );
  });

  test.each(['/?refresh=1', 'http://127.0.0.1/', 'http://127.0.0.1?x'])('%s is / as well', async (path) => {
    const { port } = await start();
    expect((await ask(port, path)).headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test.each(['/favicon.ico', '/metrics/', '//', '/../status', '/constructor'])(
    '%s is not there',
    async (path) => {
      const { port } = await start();
      expect(await ask(port, path)).toMatchObject({
        status: 404,
        body: 'there is /, /livez, /readyz, /status, /metrics\n',
      });
    },
  );
});

describe('what is asked', () => {
  const paths = ['/', '/livez', '/readyz', '/status', '/metrics'];

  test.each(paths)('HEAD %s has the headers of GET, and no body', async (path) => {
    const { port } = await start();
    const [head, get] = [await ask(port, path, { method: 'HEAD' }), await ask(port, path)];
    expect([head.status, head.headers['content-type'], head.body]).toEqual([
      get.status,
      get.headers['content-type'],
      '',
    ]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('%s is not allowed', async (method) => {
    const { port } = await start();
    const { status, headers } = await ask(port, '/status', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test.each([
    ['', 405, 'POST'],
    ['expect: 100-continue\r\n', 405, 'POST'],
    ['', 200, 'GET'],
  ])('a body is not waited for (%j, %i)', async (header, status, method) => {
    const { port } = await start();
    const head = `${method} /livez HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n${header}\r\n`;
    const answer = await sendRaw(port, head);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('headers of more than 8 KiB are refused', async () => {
    const { port } = await start();
    const answer = await sendRaw(port, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(9000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
  });

  test('what is no HTTP is refused', async () => {
    const { port } = await start();
    expect(await sendRaw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  test.each(paths)('%s is neither kept, framed, guessed at nor given to other origins', async (path) => {
    const { port } = await start();
    const { headers } = await ask(port, path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('a name of somebody else that leads to the loopback address is refused (DNS rebinding)', async () => {
    const { port } = await start();
    const { status, body } = await ask(port, '/status', { headers: { host: `evil.example:${port}` } });
    expect([status, body]).toEqual([403, expect.stringContaining('as localhost')]);
    expect((await ask(port, '/status', { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  test('any name will do where other hosts are let in', async () => {
    const { port } = await start({ listen: { host: '0.0.0.0', port: 0 } });
    expect((await ask(port, '/livez', { headers: { host: 'defender-siem.cluster.test' } })).status).toBe(200);
  });

  test('a fault of its own is an answer and a line in the log, not the end', async () => {
    const broken = () => {
      throw new Error('no time');
    };
    const { port, lines } = await start({ clock: { now: broken } });
    expect(await ask(port, '/')).toMatchObject({ status: 500 });
    expect(lines.at(-1)).toEqual([
      'error',
      { path: '/', reason: 'no time' },
      'the admin server has failed to answer',
    ]);
    expect((await ask(port, '/livez')).status).toBe(200);
  });
});

describe('where it listens', () => {
  test('is told once, with the port that was free', async () => {
    const { port, lines } = await start();
    expect(lines).toEqual([['info', { url: `http://127.0.0.1:${port}/` }, 'the admin server listens']]);
  });

  test.each([
    ['another listens there', async () => (await start()).port, '127.0.0.1', 'another process listens there'],
    ['the address is of another host', async () => 0, '192.0.2.1', 'this host has no such address'],
  ])('is refused when %s, with what to do', async (_case, portOf, host, words) => {
    const listen = { host, port: await portOf() };
    const failure = await start({ listen }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`admin.listen ${host}:${listen.port}: ${words}`),
    });
  });

  test('is free again after close, which does not wait for those who are connected', async () => {
    const { admin, port } = await start();
    const idle = connect(port, '127.0.0.1');
    await once(idle, 'connect');
    const idleClosed = once(idle, 'close');
    await admin.close();
    await idleClosed;
    expect((await start({ listen: { host: '127.0.0.1', port } })).port).toBe(port);
  });
});
