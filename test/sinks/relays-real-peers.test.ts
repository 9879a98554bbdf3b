import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSink } from '../../src/app/sink.ts';
import type { SecurityEvent } from '../../src/event.ts';
import { normalise, recordOf } from '../../src/normalise/index.ts';
import { parts } from '../../src/parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { SyslogEncoder } from '../../src/sinks/syslog-encoder.ts';
import type { SyslogOptions } from '../../src/sinks/syslog-options.ts';
import { fixtures } from '../normalise/fixtures.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Section, testFolder } from '../support/connector-config.ts';
import {
  checkPeer,
  freePort,
  needPeer,
  type PeerName,
  peerTestTimeoutMs,
  startPeer,
} from '../support/debian-peer.ts';
import { fullEvent } from '../support/events.ts';
import { noTenant } from '../support/no-tenant.ts';
import { sinkConfig } from '../support/sink-config.ts';
import { sinkContext } from '../support/sink-contract.ts';
import { parse3164, parse5424 } from '../support/syslog-parser.ts';
import { SyslogReceiver } from '../support/syslog-receiver.ts';

const tenantId = 'b3c1b5fc-828c-45fa-a1e1-10d74f6d6e9c';
const events: readonly SecurityEvent[] = [
  ...fixtures.map(({ kind, json }) => normalise(recordOf(kind, json), { tenantId })),
  fullEvent,
];
/** What has no time of its own takes the clock's: it stands still. */
const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 3, 8, 26, 10) };

/**
 * Each format as the profile sets it; and what relays of the usual settings destroy: the TABs of LEEF 1.0, and a header
 * that has no tag.
 */
const lanes: readonly Section[] = [
  ...parts.formats.map(({ name }) => ({ format: name })),
  { format: 'leef', leef: { version: '1.0', delimiter: 'tab' }, rfc: 3164, tag: 'none' },
];

/** What of a relay's configuration is another here, and RELP's port; the rest runs as it is shipped. */
interface Place {
  readonly folder: string;
  readonly port: number;
  readonly relpPort: number;
  readonly siemPort: number;
}

const replacements: Readonly<Record<PeerName, (place: Place) => readonly (readonly [string, string])[]>> = {
  rsyslog: ({ folder, port, relpPort, siemPort }) => [
    ['/var/spool/rsyslog', folder],
    ['/etc/rsyslog.d/tls', folder],
    ['target="siem.example" port="6514"', `target="127.0.0.1" port="${siemPort}"`],
    // It waits for the disk twice a message; what the messages are is the same without.
    ['queue.checkpointInterval="1" queue.syncQueueFiles="on"', 'queue.checkpointInterval="1000"'],
    ['input(type="imtcp" port="6514"', `input(type="imtcp" address="127.0.0.1" port="${port}"`],
    ['input(type="imrelp" port="2514"', `input(type="imrelp" address="127.0.0.1" port="${relpPort}"`],
  ],
  'syslog-ng': ({ folder, port, siemPort }) => [
    ['ip("0.0.0.0") port(6514)', `ip("127.0.0.1") port(${port})`],
    ['/etc/syslog-ng/tls', folder],
    ['"siem.example" port(6514)', `"127.0.0.1" port(${siemPort})`],
    ['/var/lib/syslog-ng', folder],
    // As little as it takes, so that the test reserves no 10 GiB.
    ['disk-buf-size(10737418240)', 'disk-buf-size(1048576)'],
  ],
};

function configurationOf(name: PeerName, place: Place): string {
  const shipped = readFileSync(new URL(`../../connectors/relays/${name}.conf`, import.meta.url), 'utf8');
  return replacements[name](place).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, shipped);
}

/** Sends every event by a sink of this profile, and returns the bytes of each message. */
async function send(folder: string, section: Section): Promise<readonly Buffer[]> {
  const relay = { name: 'relay', type: 'syslog', host: '127.0.0.1', tls: { ca: './ca.pem' }, ...section };
  const config = sinkConfig(folder, relay);
  const made = createSink(config, { clock, log: silentLog, monitorTokens: noTenant });
  await using opened = made.sink;
  const payloads = events.map((event) => {
    const formatted = made.format(event, opened.payloadBytes(event));
    if (formatted.kind === 'oversize') throw new Error(`${event.id}: ${formatted.reason}`);
    return { event, text: formatted.text };
  });
  const outcomes = await opened.send(payloads, new AbortController().signal);
  expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  const encoder = new SyslogEncoder(config.options as SyslogOptions, sinkContext({ clock }));
  return payloads.map((payload) => {
    const encoded = encoder.encode(payload);
    if (encoded.kind !== 'message') throw new Error('a message that is too long was sent');
    const message = Buffer.from(encoded.text);
    const text = section.rfc === 3164 ? parse3164(message, false).text : parse5424(message).text;
    if (text !== payload.text) throw new Error(`the message is not made of its text: ${message}`);
    return message;
  });
}

test.for(['rsyslog', 'syslog-ng'] as const)(
  '%s, configured as shipped, hands on every record of every format as it was sent, none split, none lost',
  { timeout: peerTestTimeoutMs },
  async (name, context) => {
    await needPeer(context, name);
    const folder = testFolder();
    const authority = createAuthority();
    const certificate = authority.issue('127.0.0.1');
    writeFileSync(join(folder, 'ca.pem'), authority.cert);
    writeFileSync(join(folder, 'relay.pem'), certificate.cert);
    writeFileSync(join(folder, 'relay.key'), certificate.key);
    await using siem = await SyslogReceiver.listen(
      'newline',
      authority.issue('siem.example', ['siem.example', '127.0.0.1']),
    );
    const place = { folder, port: await freePort(), relpPort: await freePort(), siemPort: siem.port };
    const configuration = configurationOf(name, place);
    expect(await checkPeer(name, configuration, folder)).not.toMatch(/error|warning/i);
    const ports = name === 'rsyslog' ? [place.port, place.relpPort] : [place.port];
    await using _relay = await startPeer(name, configuration, { folder, ports });
    const overTls = lanes.map((lane) => ({ profile: name, port: place.port, ...lane }));
    // It asks for a certificate of the sender, from the CA that the relay's own is from.
    const tls = { ca: './ca.pem', cert: './relay.pem', key: './relay.key' };
    const overRelp = { profile: name, transport: 'relp', port: place.relpPort, tls };
    const sections: readonly Section[] = name === 'rsyslog' ? [...overTls, overRelp] : overTls;
    let known = 0;
    for (const section of sections) {
      const sent = await send(folder, { hostname: 'relay-test', ...section });
      const arrived = (await siem.received(known + sent.length)).slice(known);
      known += sent.length;
      expect(arrived.map(String).toSorted(), JSON.stringify(section)).toEqual(sent.map(String).toSorted());
    }
    expect(siem.messages).toHaveLength(known);
  },
);
