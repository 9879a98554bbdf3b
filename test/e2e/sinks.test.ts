import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordOf } from '../../src/normalise/index.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { Bench, manualClock } from '../simulator/support.ts';
import { parseCef } from '../support/cef-parser.ts';
import { createAuthority } from '../support/certificates.ts';
import { cleanedLine, cleanedLines } from '../support/cleaned.ts';
import { runCli } from '../support/cli.ts';
import { stillSimulator, testFolder, writeConfig } from '../support/connector-config.ts';
import { HttpReceiver, type ReceivedRequest } from '../support/http-receiver.ts';
import { parseLeef } from '../support/leef-parser.ts';
import { parse3164, parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

/** Few enough that one socket's buffer holds them all as datagrams. */
const alerts = 12;
const token = 'a-token-of-these-tests';
const authority = createAuthority();
const server = authority.issue('127.0.0.1');
const client = authority.issue('connector');
const mutualTls = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };

interface Alert {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

test.each(['cef', 'leef', 'json'])(
  'every kind of sink receives every alert, and as it was: %s',
  async (format) => {
    const folder = testFolder();
    for (const [name, pem] of [
      ['ca', authority.cert],
      ['client', client.cert],
      ['key', client.key],
    ] as const) {
      writeFileSync(join(folder, `${name}.pem`), pem);
    }
    const simulator = await stillSimulator({ historyAlerts: alerts, hostileShare: 0.4, seed: 11 });
    const answer = await answerOf(simulator);

    const udp = await udpReceiver();
    await using tcp5424 = await SyslogReceiver.listen('octet-counting');
    await using tcp3164 = await SyslogReceiver.listen('newline');
    await using tls = await SyslogReceiver.listen('octet-counting', server);
    await using mutual = await SyslogReceiver.listen('newline', mutualTls);
    await using ndjson = await HttpReceiver.listen(server);
    await using array = await HttpReceiver.listen(server);
    await using single = await HttpReceiver.listen(server);
    await using hec = await HttpReceiver.listen(server);
    hec.answer = () => ({ status: 200, body: '{"text":"Success","code":0}' });

    const syslog = { type: 'syslog', host: '127.0.0.1', format, maxMessageBytes: 60_000 };
    const http = { type: 'http', format, tls: { ca: './ca.pem' } };
    const mutualOptions = { ca: './ca.pem', cert: './client.pem', key: './key.pem' };
    const config = writeConfig(folder, simulator, {
      sinks: [
        { name: 'udp', ...syslog, port: udp.port, transport: 'udp' },
        { name: 'tcp', ...syslog, port: tcp5424.port, transport: 'tcp' },
        { name: 'tcp3164', ...syslog, port: tcp3164.port, transport: 'tcp', framing: 'newline', rfc: 3164 },
        { name: 'tls', ...syslog, port: tls.port, transport: 'tls', tls: { ca: './ca.pem' } },
        {
          name: 'mutual',
          ...syslog,
          port: mutual.port,
          transport: 'tls',
          framing: 'newline',
          tls: mutualOptions,
        },
        { name: 'ndjson', ...http, url: ndjson.url, batch: { maxEvents: 5 } },
        { name: 'array', ...http, url: array.url, body: 'array' },
        {
          name: 'single',
          ...http,
          url: `${single.url}/in`,
          body: 'single',
          gzip: true,
          auth: { bearer: token },
        },
        { name: 'hec', type: 'splunk-hec', format, url: hec.url, token, tls: { ca: './ca.pem' } },
        { name: 'disk', type: 'file', format, path: './out/events.log' },
        { name: 'pipe', type: 'stdout', format },
      ],
    });

    const { code, stdout, stderr } = await runCli(['once', '--config', config]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^collected 12, repeated 0/) });

    const texts: Readonly<Record<string, readonly string[]>> = {
      udp: (await udp.received(alerts)).map((message) => parse5424(message).text),
      tcp: tcp5424.messages.map((message) => parse5424(message).text),
      tcp3164: tcp3164.messages.map((message) => parse3164(message).text),
      tls: tls.messages.map((message) => parse5424(message).text),
      mutual: mutual.messages.map((message) => parse5424(message).text),
      ndjson: ndjson.requests.flatMap(({ body }) => linesOf(body)),
      array: array.requests.flatMap(({ body }) => arrayItems(body, format)),
      single: single.requests.map(({ body }) => body),
      hec: hec.requests.flatMap(({ body }) => linesOf(body).map((line) => hecText(line, format))),
      disk: linesOf(readFileSync(join(folder, 'out/events.log'), 'utf8')),
      pipe: linesOf(stdout),
    };
    const expected = answer.alerts.map(({ id, version }) => `${id} ${version}`).toSorted();
    for (const [sink, arrived] of Object.entries(texts)) {
      const read = arrived.map((text) => readAs(format, text));
      expect(read.map(({ id, version }) => `${id} ${version}`).toSorted(), sink).toEqual(expected);
      for (const each of read) {
        const alert = answer.alerts.find(({ id }) => id === each.id);
        expect({ sink, ...each }).toEqual({ sink, ...seenAs(format, alert) });
      }
      // Sinks of one program write one event in one way.
      expect(arrived.toSorted(), sink).toEqual(texts.disk?.toSorted());
    }
    if (format === 'json') expectVerbatim(texts.tls ?? [], answer);

    expect(ndjson.requests.map(({ body }) => linesOf(body).length)).toEqual([5, 5, 2]);
    for (const request of single.requests) expectSingle(request);
    for (const { path, headers } of hec.requests) {
      expect(path).toBe('/services/collector/event');
      expect(headers).toMatchObject({ authorization: `Splunk ${token}`, 'content-encoding': 'gzip' });
    }
    expect(stdout + stderr).not.toContain(token);
  },
);

/** What Microsoft's API itself answers: the truth that all that arrives is held against. */
async function answerOf(simulator: Simulator): Promise<{ text: string; alerts: readonly Alert[] }> {
  const bench = new Bench(manualClock(), simulator);
  const headers = { authorization: `Bearer ${await bench.graphToken()}` };
  const { status, text, json } = await bench.call(
    'GET',
    `${simulator.endpoints.graph}/v1.0/security/alerts_v2?$top=1000`,
    headers,
  );
  expect(status).toBe(200);
  const values = json().value as readonly (Alert & { readonly lastUpdateDateTime: string })[];
  expect(values.length).toBe(alerts);
  return { text, alerts: values.map((value) => ({ ...value, version: value.lastUpdateDateTime })) };
}

async function udpReceiver() {
  const socket = createSocket('udp4');
  const messages: Buffer[] = [];
  socket.on('message', (message) => messages.push(message));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(2 ** 20);
  onTestFinished(() => void socket.close());
  return {
    port: (socket.address() as AddressInfo).port,
    async received(count: number): Promise<readonly Buffer[]> {
      while (messages.length < count) await once(socket, 'message');
      return messages;
    },
  };
}

/** Reads a text with the strict reader of its format. */
function readAs(
  format: string,
  text: string,
): Omit<Alert, 'description'> & { description: string | undefined } {
  if (format === 'json') {
    const { id, version } = recordOf('graph-alert', text);
    const { title, description } = JSON.parse(text) as Alert;
    return { id, version, title, description };
  }
  if (format === 'leef') {
    const { attributes } = parseLeef(text);
    const get = (key: string) => attributes.get(key) ?? '';
    return {
      id: get('alertId'),
      version: get('version'),
      title: get('title'),
      description: attributes.get('description'),
    };
  }
  const { header, extension } = parseCef(text);
  return {
    id: extension.get('MSDefenderAlertId') ?? extension.get('externalId') ?? '',
    version: extension.get('MSDefenderVersion') ?? '',
    title: header.name,
    description: extension.get('msg'),
  };
}

/** What a strict reader makes of an alert, by the rules of cleaning. */
function seenAs(format: string, alert: Alert | undefined): ReturnType<typeof readAs> {
  const { id = '', version = '', title = '', description = '' } = alert ?? {};
  if (format === 'json') {
    return { id, version, title: title.toWellFormed(), description: description.toWellFormed() };
  }
  if (format === 'leef') {
    return { id, version, title: cleanedLine(title, '^'), description: cleanedLine(description, '^') };
  }
  return {
    id,
    version,
    title: cleanedLine(title, '', '', 512),
    description: cleanedLines(description, 1023),
  };
}

/** JSON is the record itself: character for character, but where an attacker's text is no text at all. */
function expectVerbatim(texts: readonly string[], answer: { text: string; alerts: readonly Alert[] }): void {
  const wellFormed = (_key: string, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value;
  for (const text of texts) {
    const record = JSON.parse(text) as Alert;
    const { version: _, ...sent } = answer.alerts.find(({ id }) => id === record.id) ?? {};
    expect(record).toEqual(JSON.parse(JSON.stringify(sent), wellFormed));
  }
  const changed = texts.filter((text) => !answer.text.includes(text));
  for (const text of changed) expect(text).toMatch(/\\u(?:fffd|202[89]|00[0189][0-9a-f])/);
  expect(changed.length).toBeLessThan(texts.length / 2);
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** The elements of a JSON array, JSON as it stands in the body. */
function arrayItems(body: string, format: string): string[] {
  const items = JSON.parse(body) as unknown[];
  if (format !== 'json') return items as string[];
  expect(body.startsWith('[{') && body.endsWith('}]')).toBe(true);
  return splitObjects(body.slice(1, -1));
}

/** Splits `{…},{…}` at the commas between the objects. */
function splitObjects(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let comma = text.indexOf('},{'); comma >= 0; comma = text.indexOf('},{', comma + 1)) {
    const candidate = text.slice(start, comma + 1);
    if (!isJson(candidate)) continue;
    found.push(candidate);
    start = comma + 2;
  }
  return [...found, text.slice(start)];
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** The event of an HEC envelope; JSON as it stands in it. */
function hecText(line: string, format: string): string {
  const envelope = JSON.parse(line) as { event: unknown; fields: Readonly<Record<string, unknown>> };
  if (format !== 'json') return String(envelope.event);
  const start = line.indexOf('"event":') + '"event":'.length;
  return line.slice(start, line.lastIndexOf(',"fields":'));
}

function expectSingle({ method, path, headers }: ReceivedRequest): void {
  expect({ method, path }).toEqual({ method: 'POST', path: '/in' });
  expect(headers).toMatchObject({ authorization: `Bearer ${token}`, 'content-encoding': 'gzip' });
}
