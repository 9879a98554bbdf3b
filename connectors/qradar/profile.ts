import type { SinkProfile } from '../../src/sinks/profile.ts';

/** IBM QRadar: LEEF over TLS syslog, in messages that its default settings keep whole. */
export const qradar: SinkProfile = {
  name: 'qradar',
  sinkType: 'syslog',
  receiver: 'IBM QRadar, a log source with the protocol TLS Syslog (or Syslog)',
  settings: [
    {
      key: 'transport',
      value: 'tls',
      why: 'The protocol TLS Syslog of the log source; its port is 6514, as is ours (IBM DSM Guide). For the protocol Syslog: `transport: tcp`, port 514.',
    },
    {
      key: 'framing',
      value: 'newline',
      why: 'QRadar ends an event at the line end. A length before it would become part of the payload, and the header be none.',
    },
    {
      key: 'rfc',
      value: 3164,
      why: 'The header that IBM prints for LEEF: priority, time, host, one space, LEEF. Its RFC 5424 sample lacks three fields of that RFC. The host is the log source identifier: a name or an IPv4 address, never IPv6.',
    },
    { key: 'tag', value: 'none', why: 'IBM’s header has no tag: LEEF follows the host.' },
    {
      key: 'timeZone',
      value: 'UTC',
      why: 'The time of an event is its `devTime`, which has a zone; that of the header does not count.',
    },
    {
      key: 'facility',
      value: 'local0',
      why: 'QRadar reads no meaning into it; a relay on the way can route by it.',
    },
    { key: 'format', value: 'leef', why: 'IBM’s own format: QRadar finds the keys without a parser.' },
    {
      key: 'leef.version',
      value: '2.0',
      why: 'It names its delimiter in each record; in UTF-8, as IBM asks.',
    },
    {
      key: 'leef.delimiter',
      value: 'tab',
      why: 'LEEF has no escapes, and values hardly ever hold a TAB: one becomes a space. Through a relay say `auto`: rsyslog turns TABs into `#011`.',
    },
    {
      key: 'maxMessageBytes',
      value: 4096,
      why: 'QRadar’s default for TCP payloads: what is longer is cut, or split into further events. Raise both (Admin → System Settings → Advanced); over UDP it is 1024.',
    },
  ],
};
