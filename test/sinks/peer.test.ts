import { describe, expect, test } from 'vitest';
import { splunkHec } from '../../connectors/splunk/connector.ts';
import { file } from '../../src/sinks/file.ts';
import { http } from '../../src/sinks/http.ts';
import { addressText, peerOfUrl } from '../../src/sinks/peer.ts';
import { syslog } from '../../src/sinks/syslog.ts';
import { sinkContext } from '../support/sink-contract.ts';

function syslogPeer(options: object) {
  return syslog.create(syslog.options.parse({ host: 'siem.example', ...options }), sinkContext()).peer;
}

const plain = { host: 'siem.example', transport: 'tcp', tls: undefined, proxy: undefined };
const verified = { verify: true };

describe('a sink tells whom it connects to', () => {
  test.each([
    ['tls', {}, { ...plain, port: 6514, tls: verified }],
    ['tcp', { transport: 'tcp' }, { ...plain, port: 514 }],
    ['udp', { transport: 'udp', port: 5140 }, { ...plain, port: 5140, transport: 'udp' }],
    ['relp', { transport: 'relp', port: 2514 }, { ...plain, port: 2514 }],
    [
      'relp over TLS',
      { transport: 'relp', port: 2514, tls: { serverName: 'inner.example' } },
      { ...plain, port: 2514, tls: { verify: true, serverName: 'inner.example' } },
    ],
  ])('syslog over %s', (_name, options, peer) => {
    expect(syslogPeer(options)).toEqual(peer);
  });

  test('http and the connector, with their proxy', () => {
    const proxy = 'http://proxy:3128';
    const web = http.options.parse({ url: 'https://siem.example/in', proxy });
    expect(http.create(web, sinkContext()).peer).toEqual({ ...plain, port: 443, tls: verified, proxy });
    const hec = splunkHec.options.parse({ url: 'https://siem.example:8088', token: 't' });
    expect(splunkHec.create(hec, sinkContext()).peer).toEqual({ ...plain, port: 8088, tls: verified });
  });

  test('a file has nobody at the other end', () => {
    expect(file.create(file.options.parse({ path: '/tmp/x' }), sinkContext()).peer).toBeUndefined();
  });
});

test.each([
  ['https://[2001:db8::7]/', '2001:db8::7', 443, 'http://proxy:3128'],
  ['http://siem.example/', 'siem.example', 80, 'http://proxy:3128'],
  ['http://127.0.0.1:9000/', '127.0.0.1', 9000, undefined],
  ['https://127.0.0.1:9000/', '127.0.0.1', 9000, 'http://proxy:3128'],
])('%s is reached as the HTTP client reaches it', (url, host, port, proxy) => {
  expect(peerOfUrl(url, { proxy: 'http://proxy:3128' })).toMatchObject({ host, port, proxy });
});

test('an IPv6 address is written in brackets before a port', () => {
  expect([addressText('2001:db8::7', 514), addressText('192.0.2.7', 514)]).toEqual([
    '[2001:db8::7]:514',
    '192.0.2.7:514',
  ]);
});
